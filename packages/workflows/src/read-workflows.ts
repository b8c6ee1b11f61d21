import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowSource } from './check.ts';
import { LARGEST_WORKFLOW } from './compile.ts';

/**
 * The workflow files of a folder, in the order of their names; none if there is no such folder. What cannot be read, or is larger than
 * GitHub takes, is left out: it was not compiled.
 */
export async function readWorkflows(folder: string): Promise<readonly WorkflowSource[]> {
  const names = await readdir(folder).catch(() => []);
  const sources = names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map(async (name): Promise<readonly WorkflowSource[]> => {
      const file = path.join(folder, name).replaceAll('\\', '/');
      const text = await readFile(file, 'utf8').catch(() => undefined);
      return text === undefined || text.length > LARGEST_WORKFLOW ? [] : [{ file, text }];
    });
  return (await Promise.all(sources)).flat();
}
