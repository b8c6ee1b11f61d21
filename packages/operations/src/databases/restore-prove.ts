import { asBreakwaterError, type ReasonCode } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { withoutUndefined } from '../boundary.ts';
import { summary } from '../step-result.ts';
import type { LiveDatabase } from './live-database.ts';
import { failedDatabase, waitingFor } from './restore-build.ts';
import type { SqlTarget } from './restore-contracts.ts';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';

const DATA_API = 'rds:EnableHttpEndpoint';

/** Gives the database its master password; nothing once that is done. */
export async function setMaster(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { family } = state;
  const master = state.request.master ?? { kind: 'keep' };
  const operation = family.changes.master;
  if (master.kind === 'keep') return undefined;
  if (master.kind === 'managed') {
    if (database.masterSecret === undefined) {
      if (state.justSent(state.keyOf(operation, database.id)))
        return waitingFor(state, database, 'the master secret is being made');
      const { kmsKeyId } = master;
      return state.change(
        context,
        {
          operation,
          id: database.id,
          note: 'RDS makes a new master password in a secret of its own',
          detail: { managed: true },
        },
        () => family.managePassword(database.id, kmsKeyId === undefined ? {} : { kmsKeyId }),
      );
    }
    const { status } = database.masterSecret;
    if (status === 'impaired') {
      return state.fail(
        'restore-failed',
        `the master secret of ${database.id} is impaired`,
        'Look at the key and the permissions of the secret in Secrets Manager, then run the same step again.',
      );
    }
    return status === 'active'
      ? settled(state, database)
      : waitingFor(state, database, `the master secret is ${status ?? 'on its way'}`);
  }
  if (state.done.has('master')) return settled(state, database);
  const password = await passwordIn(state, master.secret, database.engine);
  if (typeof password !== 'string') return password;
  const advance = await state.change(
    context,
    { operation, id: database.id, note: `the master password is set from secret ${master.secret}` },
    () => family.setPassword(database.id, password),
  );
  if (state.failure === undefined && advance.state === 'waiting' && state.justSent(state.keyOf(operation, database.id))) {
    state.done.add('master');
    return { ...advance, lookAgainIn: 10_000 };
  }
  return advance;
}

/** Changes of the master password pass through a status of their own. */
function settled(state: RestoreState, database: LiveDatabase): Advance | undefined {
  if (database.status === 'available') return undefined;
  return failedDatabase(state, database) ?? waitingFor(state, database, `${database.kind} ${database.id} is ${database.status}`);
}

/** How long a master password may be, by engine; 41 characters where nothing else is said (ModifyDBInstance, ModifyDBCluster). */
const LONGEST_PASSWORD = [
  [/^postgres$|^sqlserver/, 128],
  [/^oracle|^custom-oracle/, 30],
  [/^db2/, 255],
] as const;

async function passwordIn(state: RestoreState, secret: string, engine: string): Promise<string | Advance> {
  const text = await state.site.aws.secrets.getSecret(secret);
  const password = stringField(text, 'password');
  const longest = LONGEST_PASSWORD.find(([engines]) => engines.test(engine))?.[1] ?? 41;
  if (password !== undefined && password.length >= 8 && password.length <= longest && !/[/"@\s]/.test(password)) return password;
  return state.fail(
    'users-failed',
    password === undefined
      ? `secret ${secret} is no JSON object with a "password"`
      : `the password in secret ${secret} is none that RDS takes`,
    `RDS takes of ${engine} 8 to ${longest} printable characters without / " @ and spaces. Correct the secret and run the same step again: what was restored is kept and adopted.`,
  );
}

function stringField(text: string, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const field: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    return typeof field === 'string' ? field : undefined;
  } catch {
    return undefined;
  }
}

/** Switches the Data API on where it is wanted; nothing once it is. */
export async function enableDataApi(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  if (database.tags[RESTORE_TAGS.dataApi] !== 'true' || database.httpEndpoint) return undefined;
  if (state.justSent(state.keyOf(DATA_API, database.id))) return waitingFor(state, database, 'the Data API is being switched on');
  return state.change(context, { operation: DATA_API, id: database.id, note: 'the Data API is being switched on' }, () =>
    state.rds.enableHttpEndpoint(database.arn),
  );
}

/** Creates or alters the roles, once a process; doing it again changes nothing. */
export async function setUsers(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { users } = state.request;
  const { sql } = state.parts;
  if (users === undefined || sql === undefined || state.done.has('users')) return undefined;
  try {
    state.users = await sql.applyUsers(targetOf(state, database), users);
  } catch (error) {
    return sqlFailed(state, database, error, 'users-failed', 'the users could not be set up');
  }
  state.done.add('users');
  await state.telling.progress(
    context,
    `the users are set up: ${state.users.length === 0 ? 'nothing had to be changed' : summary(state.users)}`,
  );
  return { state: 'waiting', note: 'the users are set up', lookAgainIn: 0 };
}

/** Runs the checks; nothing when they hold. */
export async function proveDatabase(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
  when: string,
): Promise<Advance | undefined> {
  const { checks = [] } = state.request;
  const { sql } = state.parts;
  const mark = `checks ${when}`;
  if (checks.length === 0 || sql === undefined || state.done.has(mark)) return undefined;
  try {
    state.checks = await sql.verify(targetOf(state, database), checks);
  } catch (error) {
    return sqlFailed(state, database, error, 'verification-failed', 'the database could not be checked');
  }
  const failed = state.checks.filter(({ ok }) => !ok);
  if (failed.length > 0 || state.checks.length < checks.length) {
    const message = failed.map(({ check, found }) => `${check}: ${found}`);
    return state.fail(
      'verification-failed',
      `${when === '' ? '' : `${when}, `}${failed.length} of ${checks.length} checks failed: ${message.length === 0 ? 'not every check was answered' : summary(message)}`,
      `Compare them with the data. ${kept(state)}; restore another snapshot if the data is wrong.`,
    );
  }
  state.done.add(mark);
  await state.telling.progress(context, `${state.checks.length} checks hold${when === '' ? '' : ` ${when}`}`);
  return { state: 'waiting', note: 'the checks hold', lookAgainIn: 0 };
}

function targetOf({ request, site }: RestoreState, database: LiveDatabase): SqlTarget {
  const master = request.master ?? { kind: 'keep' };
  const secret = master.kind === 'managed' ? database.masterSecret?.arn : master.secret;
  const { connection = 'data-api', connectionTimeout } = request;
  return { site, database, secret: secret ?? '', connection, ...withoutUndefined({ connectionTimeout }) };
}

function sqlFailed(state: RestoreState, database: LiveDatabase, cause: unknown, code: ReasonCode, what: string): Advance {
  const error = asBreakwaterError(cause);
  if (error.kind === 'internal' || error.kind === 'cancelled') throw error;
  if (['throttled', 'aws-unavailable', 'credentials-expired', 'interrupted'].includes(error.code)) throw error;
  // RDS shows a new password, or the Data API, a little before the database knows of it; until then nobody is let in.
  const fresh = [state.family.changes.master, DATA_API].some((change) => state.justSent(state.keyOf(change, database.id)));
  if (error.kind === 'aws' && fresh) {
    return { state: 'waiting', note: `${what} yet: ${error.message}`, lookAgainIn: 5_000 };
  }
  return state.fail(code, `${what}: ${error.message}`, `${error.next} ${kept(state)}, and adopted by the next try.`);
}

function kept({ drill }: RestoreState): string {
  return drill ? 'What was restored stays until the drill is cleaned up' : 'What was restored is kept';
}
