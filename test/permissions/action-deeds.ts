import { deeds } from '@breakwater/operations';
import type { Action, DatabaseRecovery, Plan, PlanSet, Wave } from '@breakwater/plan';
import { DNS, GROUPS } from './database-deeds.ts';
import { deed } from './deed.ts';
import type { Estate } from './estate.ts';
import type { Told } from './scenario.ts';

const looked = (over: Partial<DatabaseRecovery>): DatabaseRecovery => ({
  name: 'live',
  site: 'recovery',
  snapshot: { kind: 'id', id: 'live-snap' },
  strategy: 'new',
  verification: [],
  connection: 'data-api',
  criticality: 'critical',
  timeout: 3_600_000,
  ...over,
});

/** Between them an inspection looks at everything that a restore looks at. */
const LOOKED: readonly DatabaseRecovery[] = [
  looked({ name: 'swapped', cluster: 'live', strategy: 'swap', kmsKeyId: 'alias/dr', settings: GROUPS }),
  looked({ name: 'at-a-point', cluster: 'live', snapshot: { kind: 'point-in-time', time: 'latest' }, target: 'live-then' }),
  looked({
    name: 'instance',
    instance: 'books',
    snapshot: { kind: 'id', id: 'books-snap' },
    settings: GROUPS,
    publish: { dns: DNS },
  }),
  looked({ name: 'instance-at-a-point', instance: 'books', snapshot: { kind: 'point-in-time', time: 'latest' } }),
];

export const LOOK_WAVE: Wave = {
  name: 'web',
  dependsOn: [],
  groups: ['web'],
  servers: [],
  recoveryPoint: { kind: 'latest' },
  preWaveActions: [],
  postWaveActions: [],
  timeout: 3_600_000,
  databases: LOOKED,
};

const NOTHING: Plan = {
  name: 'permissions',
  owner: '',
  tier: 0,
  objectives: { rto: 0, rpo: 0 },
  readiness: { maxLag: 600_000 },
  drill: { cleanUp: 'keep' },
  waves: [LOOK_WAVE],
  finally: [],
};

export function deedsOf(world: Estate, mode: 'drill' | 'recovery' = 'drill') {
  const set: PlanSet = {
    sites: new Map([['recovery', world.sites.recovery]]),
    groups: new Map([
      ['web', { name: 'web', site: 'recovery', select: { kind: 'tags', tags: { Tier: 'web' } }, exclude: [], expect: {} }],
    ]),
    plans: new Map([[NOTHING.name, NOTHING]]),
  };
  const context = {
    clock: world.clock,
    signal: new AbortController().signal,
    execution: 'permissions-1',
    mode,
    set,
    plan: NOTHING,
    createdAt: world.clock.now(),
    replaceLive: [],
  };
  return deeds(context, (site) => world.connect(site));
}

/** An automation or a command outside a plan, on an instance that DRS did not launch. */
export function act(world: Estate, over: Partial<Action> & Pick<Action, 'document'>, maxWait?: number): Promise<Told> {
  const action: Action = {
    name: over.document,
    kind: 'automation',
    parameters: {},
    maxWait: 600_000,
    onFailure: 'stop',
    when: ['drill', 'recovery'],
    target: 'none',
    targetParameter: 'InstanceId',
    site: 'recovery',
    ...over,
  };
  const [instance = ''] = world.world.region('111122223333', 'us-west-2').instances.keys();
  const server = {
    id: instance,
    name: instance,
    site: 'recovery',
    account: '111122223333',
    region: 'us-west-2',
    group: '',
    criticality: 'critical' as const,
    status: 'succeeded' as const,
    instanceId: instance,
  };
  return deed(world, deedsOf(world).act(action, 'pre', undefined, action.target === 'none' ? [] : [server]), maxWait);
}
