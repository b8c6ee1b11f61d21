import type { Advance, OperationContext } from '@breakwater/engine';
import { captureCluster } from './cluster-manifest.ts';
import { clusterStanding, instanceStanding } from './database-standing.ts';
import { objectionToKey } from './restore-keys.ts';
import type { RestoreView } from './restore-look.ts';
import { suffixed } from './restore-names.ts';
import { designRestore } from './restore-settings.ts';
import type { RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

const UNTOUCHED = 'Nothing was changed.';

/**
 * Everything that may refuse a restore before anything is changed; nothing when there is no objection. Also draws up the design. On a
 * resume of `replace` the old cluster may be half deleted: that is no objection.
 */
export async function guardRestore(
  state: RestoreState,
  view: RestoreView,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { request, strategy, names } = state;
  if ((request.users !== undefined || (request.checks ?? []).length > 0) && !canSpeak(state)) {
    return state.fail(
      'usage',
      'users or checks are asked for, but no secret is known that holds the master password',
      `Let RDS manage the master password, or name the secret that holds it. ${UNTOUCHED}`,
    );
  }
  if (strategy === 'replace' && request.manifest === undefined && (request.source === undefined || state.drill)) {
    return state.fail(
      'usage',
      `replace deletes "${names.target}", the very cluster that its settings would be read from: a saved manifest is needed`,
      `Save one first (breakwater capture), and give it. ${UNTOUCHED}`,
    );
  }
  const objection = view.mine === undefined ? await objectionToTheirs(state, view) : undefined;
  if (objection !== undefined) return objection;
  await drawUp(state, context);
  if (view.mine !== undefined) return undefined;
  return (await objectionToNames(state, view)) ?? (await objectionToWantedKey(state, context));
}

function canSpeak({ request, parts }: RestoreState): boolean {
  const master = request.master ?? { kind: 'keep' };
  return parts.sql !== undefined && (master.kind !== 'keep' || master.secret !== undefined);
}

/** Asks the manifest, or the live cluster, for what a restore does not bring back. */
async function drawUp(state: RestoreState, context: OperationContext): Promise<void> {
  const { request, site, names, drill, deed } = state;
  const manifest = request.manifest ?? (await captureCluster(request.source ?? site, request.database, deed.clock.now()));
  state.design = designRestore({
    manifest,
    settings: request.settings ?? {},
    members: request.members,
    account: site.site.account,
    region: site.site.region,
    target: names.target,
    drill,
  });
  for (const loss of state.design.losses) await state.lose(context, `${names.target}: ${loss}`);
}

async function objectionToTheirs(state: RestoreState, { theirs, intruder }: RestoreView): Promise<Advance | undefined> {
  const { names, strategy, site } = state;
  const where = `account ${site.site.account}, ${site.site.region}`;
  if (strategy === 'new') {
    if (theirs === undefined) return undefined;
    return state.fail(
      'cluster-exists',
      `a cluster "${names.target}" is in ${where}, and this execution did not make it`,
      `Choose another target, or strategy swap or replace if that cluster shall go. ${UNTOUCHED}`,
    );
  }
  if (theirs === undefined || theirs.cluster.id !== names.target) {
    if (strategy === 'replace') return undefined;
    return state.fail(
      'cluster-unknown',
      `no cluster "${names.target}" is in ${where}: there is nothing to swap with`,
      `Restore with strategy new. ${UNTOUCHED}`,
    );
  }
  const global = await state.rds.globalClusterOf(theirs.cluster.arn);
  if (global !== undefined) {
    return state.fail(
      'global-database',
      `"${names.target}" is a member of the global database "${global}"; it can be neither renamed nor deleted as such`,
      `Fail the global database over (aws rds failover-global-cluster --global-cluster-identifier ${global} …), or detach the cluster (aws rds remove-from-global-cluster), or restore beside it with strategy new. ${UNTOUCHED}`,
    );
  }
  return strategy === 'swap' ? objectionToSwap(state, theirs, intruder !== undefined) : objectionToReplace(state, theirs);
}

function objectionToSwap(state: RestoreState, theirs: Standing, oldNameTaken: boolean): Advance | undefined {
  const { names } = state;
  if (oldNameTaken) {
    return state.fail(
      'cluster-exists',
      `a cluster "${names.old}" or "${names.build}" is there already, and the swap needs both names`,
      `Rename or delete it. ${UNTOUCHED}`,
    );
  }
  for (const { id } of theirs.instances) suffixed(id, names.oldSuffix);
  const unready = [
    ...(clusterStanding(theirs.cluster.status) === 'available' ? [] : [`cluster ${names.target} is ${theirs.cluster.status}`]),
    ...theirs.instances
      .filter(({ status }) => instanceStanding(status) !== 'available')
      .map(({ id, status }) => `instance ${id} is ${status}`),
  ];
  if (unready.length === 0) return undefined;
  return state.fail(
    'cluster-exists',
    `"${names.target}" cannot be renamed now: ${unready.join(', ')}`,
    `Wait until it is available, or restore beside it with strategy new. ${UNTOUCHED}`,
  );
}

function objectionToReplace(state: RestoreState, theirs: Standing): Advance | undefined {
  const { request, names } = state;
  if (!theirs.cluster.deletionProtection || request.liftProtection === true) return undefined;
  return state.fail(
    'deletion-protected',
    `"${names.target}" is protected against deletion`,
    `If it may really go, allow its protection to be lifted. ${UNTOUCHED}`,
  );
}

/** Instances have names of their own, over all clusters of the account and Region. */
async function objectionToNames(state: RestoreState, { theirs }: RestoreView): Promise<Advance | undefined> {
  const { strategy, names } = state;
  const members = state.design?.members ?? [];
  if (members.length === 0) {
    return state.fail(
      'manifest-invalid',
      `nothing says which instances "${names.target}" shall have: without a writer nobody can connect`,
      `Give a manifest with members, or the members themselves. ${UNTOUCHED}`,
    );
  }
  const wanted = members.flatMap(({ name }) => (strategy === 'swap' ? [name, suffixed(name, names.newSuffix)] : [name]));
  for (const id of wanted) {
    const [instance] = await state.rds.describeInstances({ id });
    if (instance === undefined) continue;
    const theirOwn = strategy !== 'new' && theirs !== undefined && instance.cluster === theirs.cluster.id;
    if (theirOwn && !id.endsWith(names.newSuffix)) continue;
    return state.fail(
      'cluster-exists',
      `an instance "${id}" is there already${instance.cluster === undefined ? '' : `, in cluster "${instance.cluster}"`}, and this execution did not make it`,
      `Choose another target, or rename that instance. ${UNTOUCHED}`,
    );
  }
  return undefined;
}

async function objectionToWantedKey(state: RestoreState, context: OperationContext): Promise<Advance | undefined> {
  const { kmsKeyId } = state.request;
  return kmsKeyId === undefined ? undefined : objectionToKey(state, kmsKeyId, context);
}
