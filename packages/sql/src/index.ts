export { applyUsers } from './apply-users.ts';
export { type DataApiTarget, dataApiSession } from './data-api-session.ts';
export { type DirectTarget, directSession } from './direct-session.ts';
export { type QueryOptions, SQL_ENGINES, type SqlEngine, type SqlSession, sqlEngineOf } from './session.ts';
export { type UserCredentials, type UsersSpec, usersFromSecret } from './users-spec.ts';
export { verifyDatabase } from './verify-database.ts';
