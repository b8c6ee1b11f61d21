import { postgresqlLiteral } from './quoting.ts';

/**
 * Questions to PostgreSQL's catalogue about one database. Each asks for what is not yet as it should be, so an empty answer is the proof.
 * Names come back quoted by the server (`format('%I')`), ready for a statement. What belongs to an extension is left alone, and what is
 * PostgreSQL's own. No `::`: the Data API reads a colon as the beginning of a parameter. At most `PAGE` rows: its answers end at 1 MiB.
 */

const PAGE = 200;

// No pattern: what a backslash means in it depends on standard_conforming_strings.
const OURS = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'";

function notOfExtension(catalogue: 'pg_class' | 'pg_proc' | 'pg_namespace', oid: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = CAST('${catalogue}' AS regclass) AND d.objid = ${oid} AND d.deptype = 'e')`;
}

const SCHEMAS = `pg_namespace n WHERE ${OURS} AND ${notOfExtension('pg_namespace', 'n.oid')}`;
const RELATIONS = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND ${notOfExtension('pg_class', 'c.oid')}`;
const TABLES = `${RELATIONS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;
const SEQUENCES = `${RELATIONS} AND c.relkind = 'S'`;
const ROUTINES = `pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS} AND ${notOfExtension('pg_proc', 'p.oid')}`;

const RELATION_NAME = "format('%I.%I', n.nspname, c.relname)";
const ROUTINE_NAME = "format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))";

function page(select: string): string {
  return `SELECT object FROM (${select}) AS found ORDER BY object LIMIT ${PAGE}`;
}

function lacks(test: string, privileges: readonly string[]): string {
  return `NOT (${privileges.map((privilege) => test.replace('?', `'${privilege}'`)).join(' AND ')})`;
}

/** Objects on which a role lacks some of the privileges. */
export const lackingOn = {
  schemas: (role: string, privileges: readonly string[]): string =>
    page(
      `SELECT format('%I', n.nspname) AS object FROM ${SCHEMAS} AND ${lacks(`has_schema_privilege(${postgresqlLiteral(role)}, n.oid, ?)`, privileges)}`,
    ),
  tables: (role: string, privileges: readonly string[]): string =>
    page(
      `SELECT ${RELATION_NAME} AS object FROM ${TABLES} AND ${lacks(`has_table_privilege(${postgresqlLiteral(role)}, c.oid, ?)`, privileges)}`,
    ),
  // The planner may ask before it has looked at relkind, and has_sequence_privilege fails for a table: hence CASE.
  sequences: (role: string, privileges: readonly string[]): string =>
    page(
      `SELECT ${RELATION_NAME} AS object FROM ${SEQUENCES} AND CASE WHEN c.relkind = 'S' THEN ${lacks(`has_sequence_privilege(${postgresqlLiteral(role)}, c.oid, ?)`, privileges)} ELSE false END`,
    ),
  routines: (role: string, privileges: readonly string[]): string =>
    page(
      `SELECT ${ROUTINE_NAME} AS object FROM ${ROUTINES} AND p.prokind <> 'a' AND ${lacks(`has_function_privilege(${postgresqlLiteral(role)}, p.oid, ?)`, privileges)}`,
    ),
} as const;

/**
 * Ways for a role to change data that it was given itself or has as everybody does: `holder` is `role` or `public`, `object` what GRANT
 * and REVOKE call it. Routines count when they run with their owner's rights.
 */
export function writesOf(role: string): string {
  const grantee = `x.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = ${postgresqlLiteral(role)}))`;
  const row = (object: string, from: string, acl: string, more: string) => {
    const [tables, where] = split(from);
    return `SELECT CASE x.grantee WHEN 0 THEN 'public' ELSE 'role' END AS holder, x.privilege_type AS privilege, ${object} AS object FROM ${tables} CROSS JOIN LATERAL aclexplode(${acl}) AS x WHERE ${where} AND ${grantee} AND ${more}`;
  };
  const tableWrites = "x.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')";
  return `SELECT DISTINCT holder, privilege, object FROM (${[
    row(
      "'DATABASE ' || format('%I', b.datname)",
      'pg_database b WHERE b.datname = current_database()',
      "coalesce(b.datacl, acldefault('d', b.datdba))",
      "x.privilege_type = 'CREATE'",
    ),
    row(
      "'SCHEMA ' || format('%I', n.nspname)",
      SCHEMAS,
      "coalesce(n.nspacl, acldefault('n', n.nspowner))",
      "x.privilege_type = 'CREATE'",
    ),
    row(`'TABLE ' || ${RELATION_NAME}`, TABLES, 'c.relacl', tableWrites),
    // Revoking a privilege on a table takes it from its columns too.
    row(
      `'TABLE ' || ${RELATION_NAME}`,
      TABLES.replace(' WHERE ', ' JOIN pg_attribute a ON a.attrelid = c.oid WHERE '),
      'a.attacl',
      tableWrites,
    ),
    row(`'SEQUENCE ' || ${RELATION_NAME}`, SEQUENCES, 'c.relacl', "x.privilege_type IN ('USAGE', 'UPDATE')"),
    row(
      `'ROUTINE ' || ${ROUTINE_NAME}`,
      ROUTINES,
      "coalesce(p.proacl, acldefault('f', p.proowner))",
      "p.prosecdef AND x.privilege_type = 'EXECUTE'",
    ),
  ].join(' UNION ALL ')}) AS found ORDER BY object, privilege, holder LIMIT ${PAGE}`;
}

function split(from: string): readonly [string, string] {
  const at = from.indexOf(' WHERE ');
  return [from.slice(0, at), from.slice(at + ' WHERE '.length)];
}

/**
 * Roles that keep, by name, what is taken from everybody: all but the read-only one, those it is in, superusers and those of PostgreSQL and
 * RDS.
 */
export function rolesBeside(role: string): string {
  const literal = postgresqlLiteral(role);
  return `SELECT format('%I', r.rolname) AS role FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> ${literal} AND left(r.rolname, 3) <> 'pg_' AND left(r.rolname, 4) <> 'rds_' AND NOT pg_has_role(${literal}, r.oid, 'MEMBER') ORDER BY role`;
}

/** Roles that own something here, the user itself and `others`: what they make later needs default privileges. */
export function creators(others: readonly string[]): string {
  return `SELECT format('%I', r.rolname) AS role, r.rolname AS name, pg_has_role(r.oid, 'USAGE') AS ours FROM pg_roles r WHERE NOT (r.rolsuper AND r.rolname <> current_user) AND left(r.rolname, 3) <> 'pg_' AND (r.rolname IN (current_user, ${others.map(postgresqlLiteral).join(', ')}) OR r.oid IN (SELECT n.nspowner FROM ${SCHEMAS} UNION SELECT c.relowner FROM ${TABLES} UNION SELECT c.relowner FROM ${SEQUENCES} UNION SELECT p.proowner FROM ${ROUTINES})) ORDER BY role`;
}

/** What is set for objects to come. `schema` NULL: everywhere. `grantee` NULL: everybody. */
export const DEFAULT_PRIVILEGES = `SELECT r.rolname AS creator, format('%I', r.rolname) AS creator_quoted, quote_ident(n.nspname) AS schema_quoted, n.nspname AS schema, d.defaclobjtype AS kind, g.rolname AS grantee, x.privilege_type AS privilege FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace LEFT JOIN LATERAL aclexplode(d.defaclacl) AS x ON true LEFT JOIN pg_roles g ON g.oid = x.grantee ORDER BY 1, 4, 5, 6, 7`;
