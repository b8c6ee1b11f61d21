import { type Door, deedKey, type Outcome, reasonText } from '@breakwater/action-kit';
import { clockFromEnvironment, type MadeThing, stepConnection } from '@breakwater/assembly';
import type { ConnectOptions, SiteGateways } from '@breakwater/aws';
import { type Clock, deterministicUuid, UserError } from '@breakwater/core';
import type { DeedContext, Deeds } from '@breakwater/engine';
import type { Site } from '@breakwater/plan';
import { asAction, asPlanSet, asServers, parseParameters, type SsmDeed } from './deed.ts';
import type { definition } from './definition.ts';
import type { SsmActionResult } from './result.ts';
import { renderSummary } from './summary.ts';
import { demandSite, type ReadSites } from './target-site.ts';
import { tell } from './telling.ts';
import { tryUntilDone } from './tries.ts';

type ActionDoor = Door<typeof definition>;

/** What the action needs besides its door. */
export interface Parts {
  readonly connect: (options: ConnectOptions) => (site: Site) => SiteGateways;
  readonly deeds: (context: DeedContext, connect: (site: Site) => SiteGateways) => Deeds;
  readonly readSites: ReadSites;
}

/** Runs one SSM action at one site, once: a re-run adopts what an earlier process started, and starts anew only what has failed. */
export async function runSsmAction(door: ActionDoor, parts: Parts): Promise<Outcome> {
  const { inputs, outputs, log, github } = door;
  const { clock, simulated } = clockFromEnvironment(door.environment);
  const deed: SsmDeed = {
    site: await demandSite(inputs, parts.readSites),
    document: inputs.document,
    kind: inputs.kind,
    version: inputs.version,
    parameters: parseParameters(inputs.parameters),
    instances: demandInstances(inputs),
    targetParameter: inputs['target-parameter'],
    maxWait: inputs['max-wait'],
  };
  const key = inputs.key ?? deedKey(github, 'run-ssm-action');
  outputs.set('key', key);
  if (simulated) log.info('AWS is simulated on this machine: nothing real is touched.');
  log.info(`${deed.kind} ${deed.document} at ${deed.site.account} in ${deed.site.region}, key ${key}`);

  const startedAt = clock.now();
  const deeds = makeDeeds(door, parts, deed, clock, key);
  const [identity] = await deeds.proveIdentities([deed.site]);
  log.info(`the account is proved: ${identity?.arn ?? 'unknown'}`);
  const operation = () => deeds.act(asAction(deed), 'action', undefined, asServers(deed));
  const last = await tryUntilDone(operation, {
    clock,
    signal: door.signal,
    maxWait: deed.maxWait,
    // A run's second attempt may find that its first has failed, and then gets one more try.
    tries: github.runAttempt,
    log: log.info,
    made: (made) => putOut(door, made),
  });
  const told = tell(last);
  const result: SsmActionResult = {
    schema: 'breakwater.ssm-action/1',
    status: told.status,
    reason: told.reason,
    simulated,
    key,
    actor: door.github.actor,
    attempt: last.attempt,
    document: deed.document,
    kind: deed.kind,
    site: { name: deed.site.name, account: deed.site.account, region: deed.site.region },
    instances: deed.instances,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(clock.now()).toISOString(),
    made: last.made,
    ...(told.result === undefined ? {} : { result: told.result }),
    ...(told.goesOn === undefined ? {} : { goesOn: told.goesOn }),
  };
  outputs.set('outputs', JSON.stringify(told.result?.['outputs'] ?? {}));
  if (inputs.summary) await door.summarise(renderSummary(result));
  if (told.status === 'succeeded-with-warnings') door.annotations.warning(deed.document, reasonText(told.reason));
  const failed = told.status !== 'succeeded' && told.status !== 'succeeded-with-warnings';
  return {
    status: told.status,
    reason: told.reason.code,
    result: JSON.stringify(result),
    ...(failed ? { failure: { message: told.reason.message, next: told.reason.next ?? 'Look at it in the AWS console.' } } : {}),
  };
}

function demandInstances(inputs: ActionDoor['inputs']): readonly string[] {
  const instances = [...new Set(inputs['instance-ids'])];
  const wrong = instances.find((id) => !/^(i|mi)-[0-9a-f]{8,}$/.test(id));
  if (wrong !== undefined) throw usage(`"${wrong}" in "instance-ids" is not an instance id`);
  if (inputs.kind === 'command' && instances.length === 0) throw usage('a command needs "instance-ids"');
  return instances;
}

function usage(message: string): UserError {
  return new UserError('usage', `run-ssm-action: ${message}`, { next: 'Correct the `with:` of the step; nothing was started.' });
}

/** Known as soon as AWS has answered: whoever finds the step dead can look there. */
function putOut({ outputs }: ActionDoor, { operation, id }: MadeThing): void {
  if (operation === 'ssm:StartAutomationExecution') outputs.set('automation-execution-id', id);
  if (operation === 'ssm:SendCommand') outputs.set('command-id', id);
}

function makeDeeds(door: ActionDoor, { connect, deeds }: Parts, deed: SsmDeed, clock: Clock, key: string): Deeds {
  const site = connect(stepConnection(door, clock, (error) => door.annotations.warning('Credentials', reasonText(error))));
  // The same key with other parameters or instances is another deed: what it is told to do is part of its name.
  const execution = `${key}/${deterministicUuid(JSON.stringify([asAction(deed), deed.site, deed.instances])).slice(0, 8)}`;
  return deeds(
    { clock, signal: door.signal, execution, mode: 'recovery', createdAt: clock.now(), replaceLive: [], ...asPlanSet(deed) },
    site,
  );
}
