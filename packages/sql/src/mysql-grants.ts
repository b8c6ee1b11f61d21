import { mysqlIdentifier } from './quoting.ts';

/** One line of SHOW GRANTS. */
export interface MysqlGrant {
  /** Upper case, without column lists, GRANT OPTION among them; `undefined` for a line that grants something else, as a role. */
  readonly privileges: readonly string[] | undefined;
  /** What they are on, as the server writes it: `*.*`, `` `shop\_db`.* ``. */
  readonly on: string;
}

const QUOTED = /`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^'\\]|''|\\.)*'/g;
const READS = new Set(['USAGE', 'SELECT', 'SHOW VIEW']);

/** Reads a line of SHOW GRANTS; what is quoted in it cannot be taken for its words. */
export function readMysqlGrant(line: string): MysqlGrant {
  const quoted: string[] = [];
  const bare = line.replace(QUOTED, (part) => `\`${quoted.push(inBackticks(part)) - 1}\``);
  const whole = (text: string): string => text.replace(/`(\d+)`/g, (_, index) => quoted[Number(index)] ?? '');
  if (/^SET DEFAULT ROLE NONE\b/.test(bare)) return { privileges: [], on: '' };
  const found = /^GRANT (.+?) ON (.+?) TO /.exec(bare);
  if (found === null) return { privileges: undefined, on: '' };
  const privileges = (found[1] ?? '')
    .replaceAll(/\([^)]*\)/g, '')
    .split(',')
    .map((each) => each.trim().toUpperCase());
  // What its holder may read it could give to others, and they to it what they may do.
  if (/ WITH .*\bGRANT OPTION\b/.test(bare)) privileges.push('GRANT OPTION');
  return { privileges, on: whole(found[2] ?? '').replace(/^(TABLE|FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) /, '') };
}

/** Under ANSI_QUOTES the server writes names in double quotes. */
function inBackticks(part: string): string {
  return part.startsWith('"') ? mysqlIdentifier(part.slice(1, -1).replaceAll('""', '"')) : part;
}

/** Whether a grant lets its holder do no more than read. */
export function onlyReads({ privileges }: MysqlGrant): boolean {
  return privileges?.every((privilege) => READS.has(privilege)) ?? false;
}

/** The wanted privileges that no grant on the database or on everything has. */
export function missingPrivileges(grants: readonly MysqlGrant[], on: string, wanted: readonly string[]): readonly string[] {
  const held = new Set(
    grants.filter((grant) => grant.on === on || grant.on === '*.*').flatMap(({ privileges }) => privileges ?? []),
  );
  return held.has('ALL PRIVILEGES') ? [] : wanted.filter((privilege) => !held.has(privilege));
}
