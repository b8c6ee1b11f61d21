import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A package as `package-lock.json` lists it (lockfileVersion 3). */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export function readLockfile(root: string): Lockfile {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
}

/** An optional dependency that is declared and not locked. */
export interface Unlocked {
  readonly by: string;
  readonly name: string;
  readonly range: string;
}

/**
 * Optional dependencies that no entry locks. npm writes such a lockfile when the registry it asked does not have the package for every
 * platform (a mirror, mostly), and `npm ci` then refuses it everywhere.
 */
export function unlockedOptionals({ packages }: Lockfile): readonly Unlocked[] {
  return Object.entries(packages).flatMap(([by, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => packages[`${by}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined)
      .map(([name, range]) => ({ by, name, range })),
  );
}

/**
 * The lockfile with an entry for each of them: version and platform as the name says, no integrity (whoever has that platform asks a
 * registry that has the package). Entries are in npm's order.
 */
export function completed(lockfile: Lockfile): Lockfile {
  const packages: Record<string, LockedPackage> = { ...lockfile.packages };
  for (const { by, name, range } of unlockedOptionals(lockfile)) {
    const parent = lockfile.packages[by];
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ''),
      ...(parent?.dev === true ? { dev: true } : {}),
      ...(parent?.license === undefined ? {} : { license: parent.license }),
      optional: true,
      ...platformOf(name),
    };
  }
  const order = Object.keys(packages).sort((a, b) => (a < b ? -1 : 1));
  return { ...lockfile, packages: Object.fromEntries(order.map((name) => [name, packages[name] ?? {}])) };
}

function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const os = /(?<![a-z])(android|darwin|linux|win32|freebsd|openbsd|netbsd|sunos|aix|openharmony)(?![a-z])/.exec(name)?.[1];
  const cpu = /(?<![a-z])(x64|arm64|arm|ia32|ppc64|s390x|riscv64|loong64|mips64el|wasm32)(?![a-z0-9])/.exec(name)?.[1];
  const musl = /(?<![a-z])musl/.test(name);
  return { ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [cpu] } : {}), ...(musl ? { libc: ['musl'] } : {}) };
}
