import type { UsersDialogue } from './apply-users.ts';
import { type MysqlGrant, missingPrivileges, onlyReads, readMysqlGrant } from './mysql-grants.ts';
import { named } from './notes.ts';
import { mysqlAccount, mysqlGrantDatabase, mysqlLiteral, requireBackslashEscapes } from './quoting.ts';
import { sqlFault } from './scrub.ts';
import { refuseSelf, type UserCredentials, type UsersSpec } from './users-spec.ts';

/** Data, not tables: a schema is changed by who owns it. Grants on a database cover the tables to come. */
const WRITES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'EXECUTE',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'SHOW VIEW',
] as const;
const READS = ['SELECT', 'SHOW VIEW'] as const;

export async function applyMysqlUsers(dialogue: UsersDialogue, spec: UsersSpec): Promise<void> {
  const { app, readonly } = spec;
  const [server] = await dialogue.ask("SELECT @@SESSION.sql_mode AS mode, SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AS self");
  requireBackslashEscapes(server?.['mode'] ?? '', {
    'name of the application user': app.username,
    'password of the application user': app.password,
    'name of the read-only user': readonly.username,
    'password of the read-only user': readonly.password,
  });
  refuseSelf(spec, server?.['self'] ?? '');
  const database = await spelling(dialogue, spec.database);
  await refuseOtherHosts(dialogue, readonly.username);

  for (const user of [app, readonly]) await setUp(dialogue, user);
  await grant(dialogue, app.username, database, WRITES);
  await takeWrites(dialogue, readonly.username);
  await grant(dialogue, readonly.username, database, READS);
}

/** The database as the server spells it, which may fold its case: so it stands in the grants. */
async function spelling(dialogue: UsersDialogue, database: string): Promise<string> {
  const found = await dialogue.ask(
    `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name = ${mysqlLiteral(database)}`,
  );
  const names = found.map((row) => row['name'] ?? '');
  if (names[0] === undefined) fail(`there is no database "${database}"`, 'Name the database that the users are for.');
  return names.includes(database) ? database : names[0];
}

/** `'user'@'10.%'` comes before `'user'@'%'`, with a password and privileges of its own. */
async function refuseOtherHosts(dialogue: UsersDialogue, user: string): Promise<void> {
  const others = await dialogue.ask(
    `SELECT host AS host FROM mysql.user WHERE user = ${mysqlLiteral(user)} AND host <> '%' ORDER BY host`,
  );
  if (others.length > 0)
    fail(
      `the read-only user "${user}" also exists for ${named(others.map((row) => `'${row['host']}'`))}, where it may do other things`,
      'Drop those accounts, or give the read-only user another name in the secret.',
    );
}

async function setUp(dialogue: UsersDialogue, { username, password }: UserCredentials): Promise<void> {
  const account = mysqlAccount(username);
  const there = await dialogue.ask(`SELECT user AS name FROM mysql.user WHERE user = ${mysqlLiteral(username)} AND host = '%'`);
  await dialogue.change(
    there.length === 0
      ? `CREATE USER ${account} IDENTIFIED BY ${mysqlLiteral(password)}`
      : `ALTER USER ${account} IDENTIFIED BY ${mysqlLiteral(password)} ACCOUNT UNLOCK`,
  );
  dialogue.note(there.length === 0 ? `created the user "${username}"` : `set the password of "${username}"`);
}

async function grant(dialogue: UsersDialogue, user: string, database: string, wanted: readonly string[]): Promise<void> {
  const on = `${mysqlGrantDatabase(database)}.*`;
  const missing = async () => missingPrivileges(await grantsOf(dialogue, user), on, wanted);
  const lacking = await missing();
  if (lacking.length === 0) return;
  await dialogue.change(`GRANT ${lacking.join(', ')} ON ${on} TO ${mysqlAccount(user)}`);
  const still = await missing();
  if (still.length > 0)
    fail(
      `"${user}" could not be given ${still.join(', ')} on "${database}"`,
      'The master user must hold them with GRANT OPTION.',
    );
  dialogue.note(`granted ${lacking.join(', ')} on "${database}" to "${user}"`);
}

async function takeWrites(dialogue: UsersDialogue, user: string): Promise<void> {
  if ((await grantsOf(dialogue, user)).every(onlyReads)) return;
  await dialogue.change(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${mysqlAccount(user)}`);
  const left = (await grantsOf(dialogue, user)).filter((each) => !onlyReads(each));
  if (left.length > 0)
    fail(
      `the read-only user "${user}" may still do more than read: it holds ${left.some((each) => each.privileges === undefined) ? 'a role' : named(left.map((each) => each.on))}`,
      `Revoke its roles (SHOW GRANTS FOR the user lists them), or give the read-only user another name in the secret.`,
    );
  dialogue.note(`took everything from "${user}" that was not reading`);
}

async function grantsOf(dialogue: UsersDialogue, user: string): Promise<readonly MysqlGrant[]> {
  const rows = await dialogue.ask(`SHOW GRANTS FOR ${mysqlAccount(user)}`);
  return rows.flatMap((row) => Object.values(row).map((line) => readMysqlGrant(line ?? '')));
}

function fail(message: string, next: string): never {
  throw sqlFault('users-failed', message, { engine: 'mysql', state: 'unfit', next });
}
