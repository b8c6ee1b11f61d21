import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '@breakwater/core';
import { blockersOf, checkPlans, type Loaded, readPlanFiles, selectPlan } from '@breakwater/plan';
import { compileWorkflow, DEFAULT_SOURCE, workflowFile } from './compile.ts';
import { readMarker } from './marker.ts';
import { readWorkflows } from './read-workflows.ts';

export interface CompileRequest {
  /** Plan files and folders, from the root of the repository. */
  readonly files: readonly string[];
  /** Name of the plan; none: every plan of the files. */
  readonly plan?: string;
  /** `all`: also plans that have no workflow yet. `compiled`: only those that have one. */
  readonly which: 'all' | 'compiled';
  /** Folder of the workflows. */
  readonly folder: string;
  /** Where the called workflows are; none: as the present workflow says, or `DEFAULT_SOURCE`. */
  readonly source?: string;
}

/** A plan's workflow as it should be. */
export interface CompiledFile {
  readonly plan: string;
  readonly file: string;
  readonly text: string;
  /** What is to be done about it. */
  readonly state: 'new' | 'changed' | 'unchanged';
}

/**
 * Compiles plans and compares with what lies in the folder; writes nothing. A workflow that was renamed keeps its name. Throws `UserError`:
 * `plan-unknown`, `plan-invalid` (errors that keep the plan from running, and what GitHub would not run), `usage` if the file's name is
 * taken by one that was not compiled.
 */
export async function compileFiles(request: CompileRequest): Promise<readonly CompiledFile[]> {
  const { files, folder, which } = request;
  const loaded = await readPlanFiles(files);
  const findings = checkPlans(loaded);
  const present = (await readWorkflows(folder)).flatMap(({ file, text }) => {
    const marker = readMarker(text);
    return marker === undefined ? [] : [{ file, text, marker }];
  });
  const compiled: CompiledFile[] = [];
  for (const name of plansOf(loaded, request.plan)) {
    const now = present.find(({ marker }) => marker.plan === name);
    if (now === undefined && which === 'compiled') continue;
    const [blocker] = blockersOf(loaded, findings, name);
    if (blocker !== undefined) throw invalid(name, blocker);
    const source = request.source ?? now?.marker.source ?? DEFAULT_SOURCE;
    const text = compileWorkflow(loaded.set, name, { files: files.map((file) => file.replaceAll('\\', '/')), source });
    const file = now?.file ?? path.join(folder, workflowFile(name)).replaceAll('\\', '/');
    if (now === undefined) await demandFree(file);
    compiled.push({ plan: name, file, text, state: stateOf(now?.text, text) });
  }
  return compiled;
}

/** Writes what is new or changed. Throws `UserError` `file-unreadable` if the disk refuses. */
export async function writeCompiled(compiled: readonly CompiledFile[]): Promise<void> {
  for (const { file, text, state } of compiled) {
    if (state === 'unchanged') continue;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new UserError('file-unreadable', `${file} cannot be written: ${detail}`, {
        next: 'Correct the path, or the permissions.',
        cause,
      });
    }
  }
}

/** All plans that were asked for, in the order of their names; throws what keeps the only one from being chosen. */
function plansOf(loaded: Loaded, name: string | undefined): readonly string[] {
  if (name !== undefined) return [selectPlan(loaded, name).name];
  const names = loaded.documents.filter(({ kind, borrowed }) => kind === 'RecoveryPlan' && !borrowed).map((each) => each.name);
  return names.length < 2 ? [selectPlan(loaded).name] : [...new Set(names)].sort().map((each) => selectPlan(loaded, each).name);
}

function stateOf(now: string | undefined, text: string): CompiledFile['state'] {
  if (now === undefined) return 'new';
  return now.replaceAll('\r\n', '\n') === text ? 'unchanged' : 'changed';
}

async function demandFree(file: string): Promise<void> {
  const taken = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!taken) return;
  throw new UserError('usage', `${file} is there already, and was not compiled`, {
    next: 'Move it away, or choose another folder with --output.',
  });
}

function invalid(plan: string, { location, message, rule, next }: ReturnType<typeof blockersOf>[number]): UserError {
  const place = `${location.file}:${location.line}:${location.column}`;
  return new UserError('plan-invalid', `plan "${plan}" has an error: ${place}: ${message} (${rule})`, { next, location });
}
