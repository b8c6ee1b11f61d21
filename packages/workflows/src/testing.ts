import { type Loaded, loadPlanSources, type Plan, type PlanSet, type Wave } from '@breakwater/plan';

export const SITE_AND_GROUP = `apiVersion: breakwater/v1
kind: Site
name: here
account: "111122223333"
region: us-west-2
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: g
site: here
select: { tags: { App: a } }
---
`;

/** A plan file of one plan, `shop`, with these waves. */
export function planText(waves: string, more = ''): string {
  return `${SITE_AND_GROUP}apiVersion: breakwater/v1
kind: RecoveryPlan
name: shop
owner: team
tier: 1
objectives: { rto: 2h, rpo: 15m }
${more}waves:
${waves}`;
}

export function load(text: string): Loaded {
  return loadPlanSources([{ file: 'plans/shop.yaml', text }]);
}

/** A set with one plan that no file could hold: its names are whatever the test gives. */
export function setOf(plan: Partial<Plan> & Pick<Plan, 'name' | 'waves'>): PlanSet {
  const whole: Plan = {
    owner: 'team',
    tier: 1,
    objectives: { rto: 7_200_000, rpo: 900_000 },
    readiness: { maxLag: 900_000 },
    drill: { cleanUp: 'terminate' },
    finally: [],
    ...plan,
  };
  return { sites: new Map(), groups: new Map(), plans: new Map([[plan.name, whole]]) };
}

export function waveOf(name: string, more: Partial<Wave> = {}): Wave {
  return {
    name,
    dependsOn: [],
    groups: ['g'],
    servers: [],
    recoveryPoint: { kind: 'latest' },
    preWaveActions: [],
    postWaveActions: [],
    timeout: 1_200_000,
    ...more,
  };
}
