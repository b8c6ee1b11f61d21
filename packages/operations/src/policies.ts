import { type Conditions, type GatewayCall, permissionsOf, SCOPE_PARAMETERS, type Scope, scopesOf } from '@breakwater/aws';
import { COPY_DESTINATION_CALLS, COPY_SOURCE_CALLS, TAKE_INVENTORY_CALLS } from './databases/copy-calls.ts';
import {
  ARCHIVE_CALLS,
  CAPTURE_CALLS,
  END_DATABASE_DRILL_CALLS,
  INSPECT_DATABASES_CALLS,
  LIVE_CLUSTER_CALLS,
  NOTIFY_CALLS,
  PUBLISH_CALLS,
  RESTORE_CALLS,
  USERS_AND_CHECKS_CALLS,
} from './databases/restore-calls.ts';
import { END_DRILL_CALLS } from './end-drill.ts';
import { INSPECT_CALLS } from './inspect.ts';
import { RECOVER_SERVERS_CALLS } from './recover-servers.ts';
import { RUN_AUTOMATION_CALLS } from './run-automation.ts';
import { RUN_COMMAND_CALLS } from './run-command.ts';
import { VERIFY_INSTANCES_CALLS } from './verify-instances.ts';

/** An IAM policy that Breakwater ships: what some of its deeds ask of AWS. */
interface PolicySpec {
  /** Ends the sentence "Lets a role …". */
  readonly lets: string;
  readonly calls: readonly GatewayCall[];
  /** Only what DRS does in the name of its caller; otherwise all but that. */
  readonly forwarded?: true;
  /** May start drills only. */
  readonly drill?: true;
  /** Also on what others made. */
  readonly others?: true;
}

const ACTIONS = [...RUN_AUTOMATION_CALLS, ...RUN_COMMAND_CALLS] as const;
const WAVE = [...INSPECT_CALLS, ...RECOVER_SERVERS_CALLS, ...VERIFY_INSTANCES_CALLS, ...ACTIONS] as const;

/** The policies, by the names of their files. Each is as small as what its calls need; docs/permissions.md says who takes which. */
export const POLICIES = {
  'assume-sites': { lets: 'assume the roles of the sites', calls: ['sts.assumeSiteRole'] },
  'look-only': {
    lets: 'look: inspect servers and databases, capture databases, list snapshots',
    calls: [
      ...INSPECT_CALLS,
      'drs.describeRecoverySnapshots',
      ...INSPECT_DATABASES_CALLS,
      ...CAPTURE_CALLS,
      ...TAKE_INVENTORY_CALLS,
    ],
  },
  'execute-wave-drill': { lets: 'drill waves, and end what a drill launched', calls: [...WAVE, ...END_DRILL_CALLS], drill: true },
  'execute-wave-recovery': { lets: 'recover waves; it can terminate nothing', calls: WAVE },
  'drs-launch': {
    lets: 'have DRS launch and clean up in EC2 in its name; goes with both of execute-wave',
    calls: ['drs.startRecovery', 'drs.terminateRecoveryInstances'],
    forwarded: true,
  },
  'run-ssm-action': {
    lets: 'run automations, and commands on any instance',
    calls: ACTIONS,
    others: true,
  },
  'copy-snapshot-source': {
    lets: 'offer snapshots to another account or Region',
    calls: [...TAKE_INVENTORY_CALLS, ...COPY_SOURCE_CALLS],
  },
  'copy-snapshot-destination': {
    lets: 'receive copies, and delete by policy what Breakwater copied',
    calls: COPY_DESTINATION_CALLS,
  },
  'restore-aurora': {
    lets: 'restore clusters and instances beside whatever is there, make them usable, and delete those again',
    calls: [...RESTORE_CALLS, ...USERS_AND_CHECKS_CALLS, ...END_DATABASE_DRILL_CALLS],
  },
  'restore-aurora-finish': {
    lets: 'publish the endpoint of what it restored, and archive the snapshot',
    calls: [...PUBLISH_CALLS, ...ARCHIVE_CALLS],
  },
  notify: { lets: 'tell a topic how a restore ended', calls: NOTIFY_CALLS },
  'restore-aurora-live': {
    lets: 'rename and delete clusters and instances that it did not make: swap, replace, delete-old',
    calls: LIVE_CLUSTER_CALLS,
    others: true,
  },
  capture: { lets: 'read the settings of clusters and instances', calls: CAPTURE_CALLS },
} as const satisfies Readonly<Record<string, PolicySpec>>;

export type PolicyName = keyof typeof POLICIES;

/** A statement of an identity policy. ARNs hold the placeholders of `Scope`. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Conditions;
}

interface Granted {
  readonly scope: Scope;
  readonly condition: Conditions | undefined;
  readonly actions: Set<string>;
}

/** The statements of a policy, in the same order each time: by name, actions in alphabetical order. */
export function statementsOf(name: PolicyName): readonly Statement[] {
  const spec: PolicySpec = POLICIES[name];
  const granted = new Map<string, Granted>();
  for (const asked of spec.calls) {
    const call = typeof asked === 'string' ? asked : asked.call;
    for (const action of permissionsOf(call).actions) {
      if (typeof asked !== 'string' && 'actions' in asked && !asked.actions.some((one) => one === action)) continue;
      for (const scope of scopesOf(call, action)) {
        if (typeof asked !== 'string' && 'scopes' in asked && !asked.scopes.includes(scope.name)) continue;
        if ((scope.forwarded === true) !== (spec.forwarded === true)) continue;
        const condition = conditionOf(scope, spec);
        const key = JSON.stringify([[...scope.on].sort(), condition]);
        const entry = granted.get(key) ?? { scope, condition, actions: new Set() };
        entry.actions.add(action);
        granted.set(key, entry);
      }
    }
  }
  const names = new Map<string, number>();
  return [...granted.values()]
    .map(({ scope, condition, actions }) => ({
      Sid: scope.name,
      Effect: 'Allow' as const,
      Action: [...actions].sort(),
      Resource: [...scope.on].sort(),
      ...(condition === undefined ? {} : { Condition: condition }),
    }))
    .sort((a, b) => (a.Sid < b.Sid ? -1 : a.Sid > b.Sid ? 1 : a.Resource.join() < b.Resource.join() ? -1 : 1))
    .map((statement) => {
      const count = (names.get(statement.Sid) ?? 0) + 1;
      names.set(statement.Sid, count);
      return count === 1 ? statement : { ...statement, Sid: `${statement.Sid}${count}` };
    });
}

function conditionOf({ when, ours, inDrill }: Scope, spec: PolicySpec): Conditions | undefined {
  const all = [when, spec.others === true ? undefined : ours, spec.drill === true ? inDrill : undefined];
  const blocks = all.filter((block) => block !== undefined);
  if (blocks.length === 0) return undefined;
  const merged: Record<string, Record<string, string | readonly string[]>> = {};
  for (const [operator, keys] of blocks.flatMap((block) => Object.entries(block))) {
    merged[operator] = { ...merged[operator], ...keys };
  }
  return merged;
}

/** What placeholders stand for in a policy file: any account, and names of any beginning. */
export const ANYWHERE: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': '*',
  SiteRoles: 'arn:aws:iam::*:role/breakwater-*',
  ...Object.fromEntries(SCOPE_PARAMETERS.map((name) => [name, ''])),
};

/** An identity policy as IAM takes it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** A policy with its placeholders filled in. */
export function policyDocument(name: PolicyName, values: Readonly<Record<string, string>> = ANYWHERE): PolicyDocument {
  const fill = (text: string) => text.replaceAll(/\$\{([^}]+)\}/g, (whole, key: string) => values[key] ?? whole);
  return {
    Version: '2012-10-17',
    Statement: statementsOf(name).map((statement) => ({ ...statement, Resource: statement.Resource.map(fill) })),
  };
}

/** Every IAM action that a policy allows, in alphabetical order. */
export function actionsOf(name: PolicyName): readonly string[] {
  return [...new Set(statementsOf(name).flatMap(({ Action }) => Action))].sort();
}
