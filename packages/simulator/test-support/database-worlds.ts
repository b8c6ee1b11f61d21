import { VirtualClock } from '@breakwater/core';
import { createWorld, parseScenario, type SqlBackend } from '../src/index.ts';
import { clients, START } from './sdk-clients.ts';

export const SOURCE = { account: '222233334444', region: 'us-east-1' };
export const DESTINATION = { account: '111122223333', region: 'us-west-2' };

/** Hosted zone of the destination. */
export const ZONE = 'Z0123456789ABC';

/** A scenario's place in YAML flow style. */
export function at({ account, region }: { readonly account: string; readonly region: string }): string {
  return `account: "${account}", region: ${region}`;
}

/**
 * A cluster `shop` and an instance `ledger` under a customer key in the source account, a key and a network in the destination. Without
 * jitter, from 03:00 on a virtual clock. `more` adds top-level fields in YAML, `sourceCaller` fields of
 * the caller in the source account.
 */
export function databaseWorld(more = '', sql?: SqlBackend, sourceCaller = 'deny: []') {
  const clock = new VirtualClock(START);
  const base = `
name: databases
jitter: 0
callers: [{ account: "${SOURCE.account}", ${sourceCaller} }, { account: "${DESTINATION.account}" }]
kmsKeys:
  - { ${at(SOURCE)}, alias: alias/shop, accounts: ["${DESTINATION.account}"] }
  - { ${at(DESTINATION)}, alias: alias/dr }
  - { ${at(SOURCE)}, alias: alias/private }
  - { ${at(SOURCE)}, alias: alias/no-grants, accounts: [{ id: "${DESTINATION.account}", without: ["kms:CreateGrant"] }] }
  - { ${at(DESTINATION)}, alias: alias/disabled, state: Disabled }
clusters:
  - { ${at(SOURCE)}, id: shop, engineVersion: "16.6", kmsKey: alias/shop, databaseName: shop, tags: { Application: shop, Draco_Lifecycle: weekly }, copyTagsToSnapshot: true }
  - { ${at(SOURCE)}, id: plain, encryption: none }
  - { ${at(SOURCE)}, id: defaulted }
  - { ${at(SOURCE)}, id: member }
dbInstances:
  - { ${at(SOURCE)}, id: ledger, kmsKey: alias/shop }
  - { ${at(SOURCE)}, id: open, encryption: none }
subnetGroups:
  - { ${at(DESTINATION)}, name: dr, vpcId: vpc-0dr, securityGroups: [sg-0dr] }
  - { ${at(DESTINATION)}, name: other, vpcId: vpc-0other, securityGroups: [sg-0other] }
parameterGroups:
  - { ${at(DESTINATION)}, name: shop-cluster }
globalClusters:
  - { account: "${SOURCE.account}", id: world, members: ["arn:aws:rds:${SOURCE.region}:${SOURCE.account}:cluster:member"] }
hostedZones:
  - account: "${DESTINATION.account}"
    id: ${ZONE}
    name: example.internal
    records:
      - { name: db.example.internal, values: [old.example.net], ttl: 300 }
      - { name: mail.example.internal, type: A, values: [10.0.0.1] }
      - { name: spread.example.internal, values: [a.example.net], setIdentifier: a, weight: 1 }
      - { name: spread.example.internal, values: [b.example.net], setIdentifier: b, weight: 9 }
      - { name: "*.example.internal", alias: lb.example.net }
  - { account: "${SOURCE.account}", id: Z0OTHER, name: example.org }
topics:
  - { ${at(DESTINATION)}, name: on-call }
  - { ${at(DESTINATION)}, name: on-call.fifo }
sqlAnswers:
  - { sql: "select * from orders*", columns: [id, name, paid, share, note], rows: [[2, "a", true, 0.5, null]] }
${more}`;
  const scenario = parseScenario(base);
  const world = createWorld({ scenario, clock, sql });
  const key = (index: number) => ({
    accessKeyId: scenario.callers[index]?.accessKeyId ?? '',
    secretAccessKey: scenario.callers[index]?.secretAccessKey ?? '',
  });
  const keys = { source: key(0), destination: key(1) };
  return {
    world,
    clock,
    keys,
    source: clients(world, { keys: keys.source, region: SOURCE.region }),
    destination: clients(world, { keys: keys.destination, region: DESTINATION.region }),
    /** The destination's account in the source's Region, where shared snapshots are seen. */
    across: clients(world, { keys: keys.destination, region: SOURCE.region }),
  };
}
