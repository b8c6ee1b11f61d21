import type { UsersDialogue } from './apply-users.ts';
import { named } from './notes.ts';
import { creators, DEFAULT_PRIVILEGES, rolesBeside } from './postgresql-catalogue.ts';
import { postgresqlIdentifier } from './quoting.ts';
import { sqlFault } from './scrub.ts';

/** pg_default_acl's letters, and how ALTER DEFAULT PRIVILEGES says them. */
const KINDS = { r: 'TABLES', S: 'SEQUENCES', f: 'FUNCTIONS', n: 'SCHEMAS' } as const;
type Kind = keyof typeof KINDS;

const APP: Readonly<Record<Kind, readonly string[]>> = {
  r: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  S: ['USAGE', 'SELECT', 'UPDATE'],
  f: ['EXECUTE'],
  n: ['USAGE'],
};
const READS: Readonly<Record<Kind, readonly string[]>> = { r: ['SELECT'], S: ['SELECT'], f: [], n: ['USAGE'] };

interface DefaultPrivilege {
  readonly creator: string;
  /** Quoted, as `IN SCHEMA` takes it. */
  readonly schema: string | undefined;
  readonly kind: string;
  /** `undefined`: everybody. */
  readonly grantee: string | undefined;
  /** `undefined`: the entry is there and gives nothing to anybody. */
  readonly privilege: string | undefined;
}

/** Default privileges are set by a member of the role that will create; on RDS the master user is not yet one of every owner. */
export async function settleCreators(dialogue: UsersDialogue, app: string): Promise<void> {
  const missing = (await dialogue.ask(creators([app]))).filter((row) => row['ours'] !== 'true').map((row) => String(row['role']));
  for (const role of missing) await dialogue.change(`GRANT ${role} TO CURRENT_USER`);
  if (missing.length > 0) dialogue.note(`made the master user a member of ${named(missing)}, to grant on what they own`);
}

/**
 * What every role that creates will give to the two users on what it makes later, in whatever schema. Functions to come are no longer
 * everybody's: one that runs with its owner's rights could write for the reader.
 */
export async function settleDefaults(dialogue: UsersDialogue, app: string, readonly: string): Promise<void> {
  const beside = (await dialogue.ask(rolesBeside(readonly))).map((row) => String(row['role'])).join(', ');
  const statements = async (): Promise<readonly string[]> => {
    const roles = (await dialogue.ask(creators([app]))).map((row) => ({
      name: String(row['name']),
      quoted: String(row['role']),
    }));
    const present = (await dialogue.ask(DEFAULT_PRIVILEGES)).map(
      (row): DefaultPrivilege => ({
        creator: String(row['creator']),
        schema: row['schema_quoted'] ?? undefined,
        kind: String(row['kind']),
        grantee: row['grantee'] ?? undefined,
        privilege: row['privilege'] ?? undefined,
      }),
    );
    return roles.flatMap(({ name, quoted }) => {
      const own = present.filter(({ creator }) => creator === name);
      return [
        ...excess(own, readonly, beside).map((rest) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted} ${rest}`),
        ...lacking(own, name === app ? undefined : app, APP).map((rest) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted} ${rest}`),
        ...lacking(own, readonly, READS).map((rest) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted} ${rest}`),
      ];
    });
  };
  const due = await statements();
  if (due.length === 0) return;
  for (const statement of due) await dialogue.change(statement);
  const left = await statements();
  if (left.length > 0)
    throw sqlFault('users-failed', `default privileges for objects to come could not be set: ${left[0]}`, {
      engine: 'postgresql',
      state: 'unfit',
      next: 'The master user must be a member of every role that owns something in the database.',
    });
  dialogue.note(`set the privileges of "${app}" and "${readonly}" on objects to come`);
}

function lacking(
  present: readonly DefaultPrivilege[],
  grantee: string | undefined,
  wanted: Readonly<Record<Kind, readonly string[]>>,
): readonly string[] {
  if (grantee === undefined) return [];
  return kinds().flatMap((kind) => {
    const held = present.filter((each) => each.schema === undefined && each.kind === kind && each.grantee === grantee);
    const missing = wanted[kind].filter((privilege) => !held.some((each) => each.privilege === privilege));
    return missing.length === 0 ? [] : [`GRANT ${missing.join(', ')} ON ${KINDS[kind]} TO ${postgresqlIdentifier(grantee)}`];
  });
}

/** What the reader, or everybody, would get beyond reading. Everybody may execute functions unless an entry says otherwise. */
function excess(present: readonly DefaultPrivilege[], readonly: string, beside: string): readonly string[] {
  const given = present.some(({ kind, schema }) => kind === 'f' && schema === undefined)
    ? present
    : [...present, { creator: '', schema: undefined, kind: 'f', grantee: undefined, privilege: 'EXECUTE' }];
  return given.flatMap(({ kind, schema, grantee, privilege }) => {
    if (privilege === undefined || !isKind(kind) || (grantee !== undefined && grantee !== readonly)) return [];
    // Reading by everybody is not ours to judge.
    if (READS[kind].includes(privilege)) return [];
    const where = schema === undefined ? '' : `IN SCHEMA ${schema} `;
    const what = `${privilege} ON ${KINDS[kind]}`;
    return grantee === undefined
      ? [...(beside === '' ? [] : [`${where}GRANT ${what} TO ${beside}`]), `${where}REVOKE ${what} FROM PUBLIC`]
      : [`${where}REVOKE ${what} FROM ${postgresqlIdentifier(readonly)}`];
  });
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

function kinds(): readonly Kind[] {
  return Object.keys(KINDS).filter(isKind);
}
