import type { Door, Outcome } from '@breakwater/action-kit';
import { compileFiles, writeCompiled } from '@breakwater/workflows';
import type { definition } from './definition.ts';

/** Compiles, writes what is new or changed, and says which files those are. What becomes of them is the workflow's part. */
export async function compilePlans({ inputs, outputs, log }: Door<typeof definition>): Promise<Outcome> {
  const { plan, uses } = inputs;
  const compiled = await compileFiles({
    files: inputs['plan-files'],
    which: inputs.which,
    folder: inputs.workflows,
    ...(plan === undefined ? {} : { plan }),
    ...(uses === undefined ? {} : { source: uses }),
  });
  await writeCompiled(compiled);
  for (const { file, state } of compiled) log.info(`${state} ${file}`);
  if (compiled.length === 0) log.info('no plan of these files has a compiled workflow');
  const written = compiled.filter(({ state }) => state !== 'unchanged').map(({ file }) => file);
  outputs.set('changed', String(written.length > 0));
  outputs.setList('files', written);
  const workflows = compiled.map((each) => ({ plan: each.plan, file: each.file, state: each.state }));
  return { status: 'succeeded', reason: 'ok', result: JSON.stringify({ schema: 'breakwater.compile/1', workflows }) };
}
