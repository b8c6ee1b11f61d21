import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { UserError } from '@breakwater/core';

/** Where scenarios lie beside the plans; `check` passes this folder over. */
const FOLDER = 'simulation';

/**
 * The scenario that belongs to a plan: `simulation/<name>.yaml` beside it, named like the plan file, or like the plan if the path is
 * a folder. Throws `UserError` `usage`, naming the scenarios there are.
 */
export async function scenarioOfPlan(path: string, plan: string | undefined): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const folder = join(isFolder ? path : dirname(path), FOLDER);
  const there = await scenariosIn(folder);
  const name = isFolder ? plan : basename(path, extname(path));
  const wanted = there.find((file) => basename(file, extname(file)) === name);
  if (wanted !== undefined) return join(folder, wanted);
  throw new UserError(
    'usage',
    name === undefined
      ? 'there are several plans, so there is no one scenario'
      : `there is no scenario ${join(folder, `${name}.yaml`)}`,
    {
      next: choice(folder, there, '--simulate '),
    },
  );
}

/** The only scenario in `plans/simulation`. Throws `UserError` `usage`, naming those there are. */
export async function onlyScenario(plans: string): Promise<string> {
  const folder = join(plans, FOLDER);
  const there = await scenariosIn(folder);
  const [only] = there;
  if (only !== undefined && there.length === 1) return join(folder, only);
  throw new UserError(
    'usage',
    there.length === 0 ? `there is no scenario in ${folder}` : `there are ${there.length} scenarios in ${folder}`,
    {
      next: choice(folder, there, 'breakwater simulate '),
    },
  );
}

async function scenariosIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /\.ya?ml$/.test(name)).sort();
}

function choice(folder: string, there: readonly string[], command: string): string {
  if (there.length === 0) return `Name a scenario file: ${command}FILE.`;
  return `Name one: ${there.map((name) => command + join(folder, name)).join(', ')}.`;
}
