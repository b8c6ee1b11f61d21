import path from 'node:path';
import { type Marker, readMarker, readWorkflows } from '@breakwater/workflows';

/** A compiled workflow that is to call the workflows of another place than before. */
export interface SourceChange {
  readonly file: string;
  readonly plan: string;
  /** As `breakwater-dr/breakwater@v1`. */
  readonly before: string;
  readonly after: string;
}

/**
 * Whose code compiled workflows are to run, where that changes: it gets the roles of drills and recoveries, and no plan says anything of it.
 * A workflow that says so of itself is not stale.
 */
export async function sourceChanges(base: string, folder: string): Promise<readonly SourceChange[]> {
  const before = new Map((await compiledIn(path.join(base, folder))).map(({ marker }) => [marker.plan, marker.source]));
  return (await compiledIn(folder)).flatMap(({ file, marker: { plan, source } }) => {
    const was = before.get(plan);
    return was === undefined || was === source ? [] : [{ file, plan, before: was, after: source }];
  });
}

async function compiledIn(folder: string): Promise<readonly { readonly file: string; readonly marker: Marker }[]> {
  return (await readWorkflows(folder)).flatMap(({ file, text }) => {
    const marker = readMarker(text);
    return marker === undefined ? [] : [{ file, marker }];
  });
}
