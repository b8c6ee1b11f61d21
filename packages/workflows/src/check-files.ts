import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkPlans, concerning, type Finding, inOrder, type Loaded, readPlanFiles } from '@breakwater/plan';
import { checkWorkflows } from './check.ts';
import { readWorkflows } from './read-workflows.ts';

export interface CheckFilesRequest {
  /** Plan files or folders. */
  readonly files: readonly string[];
  /** Only findings that concern this plan; none: all. */
  readonly plan?: string;
  /** Folder of the compiled workflows. Where not even its parent is, there is no repository of GitHub, and nothing is said of them. */
  readonly workflows: string;
}

/** Everything that is wrong with plan files, and between them and their compiled workflows. Throws `UserError` `plan-unknown`. */
export async function checkFiles({
  files,
  plan,
  workflows,
}: CheckFilesRequest): Promise<{ readonly loaded: Loaded; readonly findings: readonly Finding[] }> {
  const loaded = await readPlanFiles(files);
  const all = checkPlans(loaded);
  const ofPlans = plan === undefined ? all : concerning(loaded, all, plan);
  const onGithub = await stat(path.dirname(workflows)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const ofWorkflows = onGithub ? checkWorkflows(loaded, await readWorkflows(workflows), plan, files) : [];
  return { loaded, findings: inOrder([...ofPlans, ...ofWorkflows]) };
}
