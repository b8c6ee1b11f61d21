import type { UsersDialogue } from './apply-users.ts';
import { named } from './notes.ts';
import { passwordVerifier } from './password-verifier.ts';
import { lackingOn, rolesBeside, writesOf } from './postgresql-catalogue.ts';
import { settleCreators, settleDefaults } from './postgresql-defaults.ts';
import { postgresqlIdentifier, postgresqlLiteral } from './quoting.ts';
import { sqlFault } from './scrub.ts';
import { refuseSelf, type UserCredentials, type UsersSpec } from './users-spec.ts';

/** Data, not tables: a schema is changed by who owns it. */
const APP = {
  tables: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  sequences: ['USAGE', 'SELECT', 'UPDATE'],
  routines: ['EXECUTE'],
} as const;

/** PostgreSQL's own roles that only look, and the one that lets a user in with an IAM token. */
const HARMLESS_ROLES = [
  'pg_read_all_data',
  'pg_monitor',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
  'rds_iam',
];

export async function applyPostgresqlUsers(dialogue: UsersDialogue, spec: UsersSpec): Promise<void> {
  const { app, readonly } = spec;
  const [server] = await dialogue.ask(
    "SELECT current_user AS self, current_setting('password_encryption') AS encryption, format('%I', current_database()) AS database",
  );
  refuseSelf(spec, server?.['self'] ?? '');
  const database = server?.['database'] ?? postgresqlIdentifier(spec.database);
  await refuseUnfit(dialogue, readonly.username);

  for (const user of [app, readonly]) await setUp(dialogue, user, server?.['encryption'] ?? '');
  await tameRole(dialogue, readonly.username);
  await leaveRoles(dialogue, readonly.username);
  await connect(dialogue, database, [app.username, readonly.username]);
  await settleCreators(dialogue, app.username);
  await takeWrites(dialogue, readonly.username);
  await settleDefaults(dialogue, app.username, readonly.username);
  for (const user of [app.username, readonly.username]) await give(dialogue, user, 'schemas', 'SCHEMA', ['USAGE']);
  await give(dialogue, app.username, 'tables', 'TABLE', APP.tables);
  await give(dialogue, app.username, 'sequences', 'SEQUENCE', APP.sequences);
  await give(dialogue, app.username, 'routines', 'ROUTINE', APP.routines);
  await give(dialogue, readonly.username, 'tables', 'TABLE', ['SELECT']);
  await give(dialogue, readonly.username, 'sequences', 'SEQUENCE', ['SELECT']);
}

/** An owner may write whatever is revoked, and a superuser too. Neither can be made a reader behind people's backs. */
async function refuseUnfit(dialogue: UsersDialogue, role: string): Promise<void> {
  const [found] = await dialogue.ask(
    `SELECT r.rolsuper OR r.rolreplication AS mighty, (SELECT count(*) FROM pg_shdepend d WHERE d.refclassid = CAST('pg_authid' AS regclass) AND d.refobjid = r.oid AND d.deptype = 'o' AND d.classid <> CAST('pg_default_acl' AS regclass)) AS owned FROM pg_roles r WHERE r.rolname = ${postgresqlLiteral(role)}`,
  );
  if (found === undefined) return;
  if (found['mighty'] === 'true')
    fail(`the read-only user "${role}" is a superuser or may replicate`, 'Give the read-only user another name in the secret.');
  if (found['owned'] !== '0')
    fail(
      `the read-only user "${role}" owns ${found['owned']} objects, which it may always change`,
      'Give them to another role (REASSIGN OWNED), or give the read-only user another name in the secret.',
    );
}

async function setUp(dialogue: UsersDialogue, { username, password }: UserCredentials, encryption: string): Promise<void> {
  const there = await dialogue.ask(`SELECT rolname AS name FROM pg_roles WHERE rolname = ${postgresqlLiteral(username)}`);
  const verifier = passwordVerifier(encryption, username, password);
  if (verifier !== undefined) dialogue.hide(verifier);
  const literal = postgresqlLiteral(verifier ?? password);
  dialogue.hide(literal.slice(2, -1));
  const verb = there.length === 0 ? 'CREATE' : 'ALTER';
  await dialogue.change(`${verb} ROLE ${postgresqlIdentifier(username)} WITH LOGIN PASSWORD ${literal} VALID UNTIL 'infinity'`);
  dialogue.note(there.length === 0 ? `created the user "${username}"` : `set the password of "${username}"`);
}

/** A second line of defence: privileges are what holds, since a session may switch this off for itself. */
const READ_ONLY_SETTING = 'default_transaction_read_only';

async function tameRole(dialogue: UsersDialogue, role: string): Promise<void> {
  const [found] = await dialogue.ask(
    `SELECT rolcreatedb AS createdb, rolcreaterole AS createrole, coalesce('${READ_ONLY_SETTING}=on' = ANY (rolconfig), false) AS tame FROM pg_roles WHERE rolname = ${postgresqlLiteral(role)}`,
  );
  const name = postgresqlIdentifier(role);
  if (found?.['createdb'] === 'true' || found?.['createrole'] === 'true') {
    await dialogue.change(`ALTER ROLE ${name} WITH NOCREATEDB NOCREATEROLE`);
    dialogue.note(`took CREATEDB and CREATEROLE from "${role}"`);
  }
  if (found?.['tame'] === 'true') return;
  await dialogue.change(`ALTER ROLE ${name} SET ${READ_ONLY_SETTING} = on`);
  dialogue.note(`made transactions of "${role}" read-only`);
}

/** What a role may do, its members may do too. */
async function leaveRoles(dialogue: UsersDialogue, role: string): Promise<void> {
  await settle(dialogue, {
    find: `SELECT format('%I', g.rolname) AS object FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ${postgresqlLiteral(role)} AND g.rolname NOT IN (${HARMLESS_ROLES.map(postgresqlLiteral).join(', ')}) ORDER BY object`,
    fix: (rows) => rows.map((row) => `REVOKE ${row['object']} FROM ${postgresqlIdentifier(role)}`),
    done: (objects) => `took the roles ${named(objects)} from "${role}"`,
    stuck: (object) => `the read-only user "${role}" is still in the role ${object}`,
  });
}

async function connect(dialogue: UsersDialogue, database: string, roles: readonly string[]): Promise<void> {
  for (const role of roles)
    await settle(dialogue, {
      find: `SELECT format('%I', current_database()) AS object WHERE NOT has_database_privilege(${postgresqlLiteral(role)}, current_database(), 'CONNECT')`,
      fix: () => [`GRANT CONNECT ON DATABASE ${database} TO ${postgresqlIdentifier(role)}`],
      done: () => `let "${role}" connect to ${database}`,
      stuck: () => `"${role}" could not be let in to ${database}`,
    });
}

async function give(
  dialogue: UsersDialogue,
  role: string,
  kind: keyof typeof lackingOn,
  word: string,
  privileges: readonly string[],
): Promise<void> {
  await settle(dialogue, {
    find: lackingOn[kind](role, privileges),
    fix: (rows) => [
      `GRANT ${privileges.join(', ')} ON ${word} ${rows.map((row) => row['object']).join(', ')} TO ${postgresqlIdentifier(role)}`,
    ],
    done: (objects) => `granted ${privileges.join(', ')} on ${kind} ${named(objects)} to "${role}"`,
    stuck: (object) => `"${role}" could not be given ${privileges.join(', ')} on ${object}`,
  });
}

/**
 * A privilege of everybody cannot be kept from one. So it is taken from PUBLIC, after it was given by name to every other role that is
 * there: nobody but the read-only user loses anything.
 */
async function takeWrites(dialogue: UsersDialogue, role: string): Promise<void> {
  const beside = (await dialogue.ask(rolesBeside(role))).map((row) => row['role']).join(', ');
  await settle(dialogue, {
    find: writesOf(role),
    fix: (rows) =>
      rows.flatMap(({ holder, privilege, object }) =>
        holder === 'public'
          ? [
              ...(beside === '' ? [] : [`GRANT ${privilege} ON ${object} TO ${beside}`]),
              `REVOKE ${privilege} ON ${object} FROM PUBLIC`,
            ]
          : [`REVOKE ${privilege} ON ${object} FROM ${postgresqlIdentifier(role)}`],
      ),
    done: (objects) =>
      `took from "${role}", and from PUBLIC with every other role keeping it by name, the right to change ${named(objects)}`,
    stuck: (object) => `the read-only user "${role}" may still change ${object}`,
  });
}

/** Asks until there is nothing left to fix. An answer that a fix did not change means that the server let it pass without doing it. */
async function settle(
  dialogue: UsersDialogue,
  gap: {
    readonly find: string;
    readonly fix: (rows: readonly Readonly<Record<string, string | null>>[]) => readonly string[];
    readonly done: (objects: readonly string[]) => string;
    readonly stuck: (object: string) => string;
  },
): Promise<void> {
  const fixed: string[] = [];
  let before: string | undefined;
  for (;;) {
    const rows = await dialogue.ask(gap.find);
    if (rows.length === 0) break;
    const now = JSON.stringify(rows);
    if (now === before)
      fail(
        gap.stuck(String(rows[0]?.['object'])),
        'See who owns it and who granted it: the master user must be able to grant and revoke it.',
      );
    before = now;
    for (const statement of gap.fix(rows)) await dialogue.change(statement);
    fixed.push(...rows.map((row) => String(row['object'])));
  }
  if (fixed.length > 0) dialogue.note(gap.done([...new Set(fixed)]));
}

function fail(message: string, next: string): never {
  throw sqlFault('users-failed', message, { engine: 'postgresql', state: 'unfit', next });
}
