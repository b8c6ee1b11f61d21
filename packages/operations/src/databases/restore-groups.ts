import type { GroupKind } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { RestoreState } from './restore-state.ts';

/**
 * What of the groups that the design names would make AWS refuse the restore: asked before the old database is deleted, because found only
 * after it, it would cost that database. A group that may not be looked at is no objection, but told.
 */
export async function objectionToGroups(state: RestoreState, context: OperationContext): Promise<Advance | undefined> {
  const { design, noun } = state;
  if (design === undefined || state.done.has('groups')) return undefined;
  const { subnetGroup, parameterGroup } = design.settings;
  const parameters: GroupKind = noun === 'cluster' ? 'cluster-parameters' : 'instance-parameters';
  const wrong =
    (await wrongWith(state, context, 'subnets', subnetGroup)) ?? (await wrongWith(state, context, parameters, parameterGroup));
  state.done.add('groups');
  if (wrong === undefined) return undefined;
  const { account, region } = state.site.site;
  return state.fail(
    'usage',
    `${wrong} in account ${account}, ${region}: with it the ${noun} could not be restored`,
    'Create it there, or name another. Nothing was deleted.',
  );
}

async function wrongWith(
  state: RestoreState,
  context: OperationContext,
  kind: GroupKind,
  name: string | undefined,
): Promise<string | undefined> {
  // Default groups are made by AWS where they are needed.
  if (name === undefined || /^default$/i.test(name)) return undefined;
  const what = kind === 'subnets' ? 'subnet group' : 'parameter group';
  const [, standard] = /^default\.(.+)$/i.exec(name) ?? [];
  const group = standard === undefined ? await look(state, context, kind, name) : { family: standard.toLowerCase() };
  if (group === 'unseen') return undefined;
  if (group === undefined) return `there is no ${what} "${name}"`;
  const family = familyOf(state);
  if (group.family === undefined || family === undefined || group.family === family) return undefined;
  return `${what} "${name}" is for ${group.family}, and what is restored is of ${family}`;
}

async function look(state: RestoreState, context: OperationContext, kind: GroupKind, name: string) {
  try {
    return await state.rds.describeGroup(kind, name);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'permission-denied') throw error;
    await state.lose(
      context,
      `group ${name} could not be looked at before the old ${state.noun} was deleted: ${error.message}`,
      error.next,
    );
    return 'unseen';
  }
}

/** As AWS names families of parameters, of the engines that we know: `aurora-postgresql16`, `mysql8.0`. */
function familyOf({ origin }: RestoreState): string | undefined {
  if (origin?.kind !== 'snapshot') return undefined;
  const { engine, engineVersion } = origin;
  const [major = '', minor = ''] = engineVersion.split('.');
  if (/^(aurora-)?postgres(ql)?$/.test(engine)) return `${engine}${major}`;
  return /^(aurora-mysql|mysql|mariadb)$/.test(engine) ? `${engine}${major}.${minor}` : undefined;
}
