import type { Advance, OperationContext } from '@breakwater/engine';
import { captureCluster } from './cluster-manifest.ts';
import { databaseStanding, instanceStanding } from './database-standing.ts';
import { captureInstance } from './instance-manifest.ts';
import { designInstance } from './instance-settings.ts';
import { objectionToKey } from './restore-keys.ts';
import type { RestoreView } from './restore-look.ts';
import { suffixed } from './restore-names.ts';
import { objectionToSecrets } from './restore-secrets.ts';
import { designRestore, type RestoreDesign } from './restore-settings.ts';
import { isElsewhere } from './restore-snapshot.ts';
import type { RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

const UNTOUCHED = 'Nothing was changed.';

/**
 * What the request, the names and the key may refuse before anything is changed; DNS names and surroundings are looked at beside it. Nothing when there is no objection. Also draws up the design. On a
 * resume of `replace` the old database may be half deleted: that is no objection.
 */
export async function guardRestore(
  state: RestoreState,
  view: RestoreView,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { request, strategy, names } = state;
  if (wantsSql(state) && !canSpeak(state)) {
    return state.fail(
      'usage',
      'users or checks are asked for, but no secret is known that holds the master password',
      `Let RDS manage the master password, or name the secret that holds it. ${UNTOUCHED}`,
    );
  }
  const wrong = objectionToSecrets(state) ?? instanceObjection(state) ?? pointObjection(state);
  if (wrong !== undefined) return wrong;
  if (strategy === 'replace' && request.manifest === undefined && (request.source === undefined || state.drill)) {
    return state.fail(
      'usage',
      `replace deletes "${names.target}", the very ${state.noun} that its settings would be read from: a saved manifest is needed`,
      `Save one first (breakwater capture), and give it. ${UNTOUCHED}`,
    );
  }
  const objection = view.mine === undefined ? await objectionToTheirs(state, view) : undefined;
  if (objection !== undefined) return objection;
  await drawUp(state, context);
  if (view.mine !== undefined) return undefined;
  return (await objectionToNames(state, view)) ?? (await objectionToWantedKey(state, context));
}

/** What an instance has not, and a cluster has. */
function instanceObjection(state: RestoreState): Advance | undefined {
  const { request, noun } = state;
  if (noun !== 'instance') return undefined;
  const objection = (message: string, next: string) => state.fail('usage', message, `${next} ${UNTOUCHED}`);
  if (wantsSql(state) && request.connection !== 'direct') {
    return objection('an instance has no Data API for users and checks', 'Connect directly, from a runner inside the VPC.');
  }
  if (request.publish?.readerParameter !== undefined) {
    return objection('an instance has no endpoint of readers to publish', 'Leave the parameter for readers out.');
  }
  if (request.publish?.dns?.readerName !== undefined) {
    return objection('an instance has no endpoint of readers to publish', 'Leave the DNS name of readers out.');
  }
  return undefined;
}

/** What a point in time excludes. */
function pointObjection(state: RestoreState): Advance | undefined {
  const { request, names, strategy, noun, site } = state;
  if (request.choice.kind !== 'point-in-time') return undefined;
  const objection = (message: string, next: string) => state.fail('usage', message, `${next} ${UNTOUCHED}`);
  if (isElsewhere(state)) {
    const { account, region } = (request.source ?? site).site;
    return objection(
      `a point in time can only be restored where "${request.database}" stands: in account ${account}, ${region}`,
      'Restore there, or restore a snapshot, which can be copied.',
    );
  }
  if (strategy === 'replace' && names.target === request.database.toLowerCase()) {
    return objection(
      `replace deletes "${names.target}" first, and with it what its points in time are restored from`,
      'Restore with strategy swap or new.',
    );
  }
  if (request.archive !== undefined) {
    return objection('archive does something with the snapshot, and a point in time has none', 'Leave it out.');
  }
  if (noun === 'instance' && request.kmsKeyId !== undefined) {
    return objection(
      'RDS restores an instance to a point in time under its own key, and takes no other',
      'Leave the key out, or copy a snapshot with that key and restore the copy.',
    );
  }
  return undefined;
}

function wantsSql({ request }: RestoreState): boolean {
  return request.users !== undefined || (request.checks ?? []).length > 0;
}

function canSpeak({ request, parts }: RestoreState): boolean {
  const master = request.master ?? { kind: 'keep' };
  return parts.sql !== undefined && (master.kind !== 'keep' || master.secret !== undefined);
}

/** Asks the manifest, or the live source, for what a restore does not bring back. */
async function drawUp(state: RestoreState, context: OperationContext): Promise<void> {
  const { names } = state;
  state.design = await designOf(state);
  for (const loss of state.design.losses) await state.lose(context, `${names.target}: ${loss}`);
}

async function designOf({ request, site, names, drill, deed }: RestoreState): Promise<RestoreDesign> {
  const where = { account: site.site.account, region: site.site.region, drill };
  const live = request.source ?? site;
  if (request.kind === 'instance') {
    const manifest = request.manifest ?? (await captureInstance(live, request.database, deed.clock.now()));
    return designInstance({ ...where, manifest, settings: request.settings ?? {} });
  }
  const manifest = request.manifest ?? (await captureCluster(live, request.database, deed.clock.now()));
  return designRestore({
    ...where,
    manifest,
    settings: request.settings ?? {},
    members: request.members,
    target: names.target,
  });
}

async function objectionToTheirs(state: RestoreState, { theirs, intruder }: RestoreView): Promise<Advance | undefined> {
  const { names, strategy, site, noun } = state;
  const where = `account ${site.site.account}, ${site.site.region}`;
  if (strategy === 'new') {
    if (theirs === undefined) return undefined;
    return state.fail(
      'cluster-exists',
      `${a(noun)} "${names.target}" is in ${where}, and this execution did not make it`,
      `Choose another target, or strategy swap or replace if that ${noun} shall go. ${UNTOUCHED}`,
    );
  }
  if (theirs?.database.memberOf !== undefined) {
    return state.fail(
      'cluster-exists',
      `"${theirs.database.id}" is an instance of cluster "${theirs.database.memberOf}"`,
      `Its data is the cluster's: restore the cluster, or choose another target. ${UNTOUCHED}`,
    );
  }
  if (theirs === undefined || theirs.database.id !== names.target) {
    if (strategy === 'replace') return undefined;
    return state.fail(
      'cluster-unknown',
      `no ${noun} "${names.target}" is in ${where}: there is nothing to swap with`,
      `Restore with strategy new. ${UNTOUCHED}`,
    );
  }
  const global = noun === 'cluster' ? await state.rds.globalClusterOf(theirs.database.arn) : undefined;
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
  const { names, noun } = state;
  if (oldNameTaken) {
    return state.fail(
      'cluster-exists',
      `${a(noun)} "${names.old}" or "${names.build}" is there already, and the swap needs both names`,
      `Rename or delete it. ${UNTOUCHED}`,
    );
  }
  for (const { id } of theirs.instances) suffixed(id, names.oldSuffix);
  const unready = [
    ...(databaseStanding(theirs.database) === 'available' ? [] : [`${noun} ${names.target} is ${theirs.database.status}`]),
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
  if (!theirs.database.deletionProtection || request.liftProtection === true) return undefined;
  return state.fail(
    'deletion-protected',
    `"${names.target}" is protected against deletion`,
    `If it may really go, allow its protection to be lifted. ${UNTOUCHED}`,
  );
}

function a(noun: string): string {
  return noun === 'instance' ? 'an instance' : `a ${noun}`;
}

/** A cluster's instances have names of their own, over all databases of the account and Region. */
async function objectionToNames(state: RestoreState, { theirs }: RestoreView): Promise<Advance | undefined> {
  const { strategy, names } = state;
  if (state.design?.kind === 'instance') return undefined;
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
    const theirOwn = strategy !== 'new' && theirs !== undefined && instance.cluster === theirs.database.id;
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
