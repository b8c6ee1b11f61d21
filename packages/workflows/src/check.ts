import path from 'node:path';
import { asBreakwaterError } from '@breakwater/core';
import { type Finding, finding, inOrder, type Loaded } from '@breakwater/plan';
import { compileWorkflow, workflowFile } from './compile.ts';
import { type Marker, readMarker } from './marker.ts';

/** A file of the workflows folder. `file` is the name that findings show. */
export interface WorkflowSource {
  readonly file: string;
  readonly text: string;
}

/**
 * What is wrong between the plans and the compiled workflows beside them: one that is stale, one that can no longer be compiled, gates
 * that nobody could open because there is none. Files without our marker are nobody's business. With `plan` only what concerns that one;
 * with `files`, the plan files and folders that were read, also a workflow whose plan is gone from them.
 */
export function checkWorkflows(
  loaded: Loaded,
  sources: readonly WorkflowSource[],
  plan?: string,
  files: readonly string[] = [],
): readonly Finding[] {
  const compiled = sources.flatMap((source) => {
    const marker = readMarker(source.text);
    return marker === undefined || (plan ?? marker.plan) !== marker.plan ? [] : [{ ...source, marker }];
  });
  const stale = compiled.flatMap(
    ({ file, text, marker }) => staleness(loaded, file, text, marker) ?? orphaned(loaded, file, marker, files) ?? [],
  );
  const known = new Set(compiled.map(({ marker }) => marker.plan));
  return inOrder([...stale, ...gatesLeftAlone(loaded, known, plan)]);
}

function staleness(loaded: Loaded, file: string, text: string, marker: Marker): Finding | undefined {
  // A plan that is not in these files, or has errors, has nothing to be compared with.
  if (!loaded.set.plans.has(marker.plan)) return undefined;
  const again = `breakwater compile ${marker.files.join(' ')} --plan ${marker.plan}`;
  try {
    const fresh = compileWorkflow(loaded.set, marker.plan, marker);
    if (fresh === text.replaceAll('\r\n', '\n')) return undefined;
    const changed = readMarker(fresh)?.digest !== marker.digest;
    const why = changed ? 'the plan has changed since it was compiled' : 'it was altered, or compiled by another version';
    return finding(
      'BW901',
      { file, line: 1, column: 1 },
      `the workflow of plan "${marker.plan}" is stale: ${why}`,
      `Run \`${again}\`.`,
    );
  } catch (cause) {
    const { message, next } = asBreakwaterError(cause);
    const at = loaded.locate('RecoveryPlan', marker.plan, ['waves']) ?? { file, line: 1, column: 1 };
    return finding('BW907', at, `the workflow ${file} can no longer be compiled: ${message}`, next);
  }
}

/** All that the workflow was compiled from was read, all of it is sound, and the plan is not in it. */
function orphaned(loaded: Loaded, file: string, marker: Marker, files: readonly string[]): Finding | undefined {
  const unsure = loaded.findings.some(({ severity }) => severity === 'error');
  const known = loaded.documents.some(({ kind, name }) => kind === 'RecoveryPlan' && name === marker.plan);
  if (unsure || known || !marker.files.every((each) => files.some((read) => holds(read, each)))) return undefined;
  return finding(
    'BW901',
    { file, line: 1, column: 1 },
    `the workflow of plan "${marker.plan}" is stale: there is no such plan in ${marker.files.join(', ')} any more`,
    `Remove ${file}; if the plan has another name now, run \`breakwater compile\` for that one.`,
  );
}

function holds(folder: string, file: string): boolean {
  const [outer, inner] = [folder, file].map((each) => path.posix.normalize(each.replaceAll('\\', '/')).replace(/\/$/, ''));
  return outer === '.' || inner === outer || inner?.startsWith(`${outer}/`) === true;
}

function gatesLeftAlone(loaded: Loaded, compiled: ReadonlySet<string>, only: string | undefined): readonly Finding[] {
  return [...loaded.set.plans.values()].flatMap(({ name, waves }) => {
    const index = waves.findIndex(({ gate }) => gate !== undefined);
    if (index < 0 || compiled.has(name) || (only ?? name) !== name) return [];
    const at = loaded.locate('RecoveryPlan', name, ['waves', index, 'gate']);
    if (at === undefined) return [];
    const message = `plan "${name}" has gates, and no workflow in which somebody could open them`;
    return [finding('BW902', at, message, `Run \`breakwater compile\`, which writes .github/workflows/${workflowFile(name)}.`)];
  });
}
