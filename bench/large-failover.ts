/** A four-hour failover of 300 servers, as plan and world: 12 waves of 25 servers one after another, actions of ten minutes between. */

const WAVES = 12;
const SERVERS = 25;

export function largePlan(): string {
  const waves = Array.from({ length: WAVES }, (_, index) => {
    const name = `wave-${pad(index + 1)}`;
    return `  - name: ${name}
    groups: [${name}]
    timeout: 30m
${index === 0 ? '' : `    dependsOn: [wave-${pad(index)}]\n`}    postWaveActions:
      - { name: settle, document: Settle, maxWait: 20m }
`;
  });
  const groups = Array.from(
    { length: WAVES },
    (_, index) => `---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: wave-${pad(index + 1)}
site: dr
select: { tags: { Wave: "${pad(index + 1)}" } }
expect: { min: ${SERVERS}, max: ${SERVERS} }
`,
  );
  return `apiVersion: breakwater/v1
kind: RecoveryPlan
name: large
owner: benchmark
tier: 1
objectives: { rto: 6h, rpo: 15m }
drill: { cleanUp: keep }
waves:
${waves.join('')}${groups.join('')}---
apiVersion: breakwater/v1
kind: Site
name: dr
account: "111122223333"
region: us-west-2
`;
}

export function largeScenario(): string {
  const servers = Array.from(
    { length: WAVES },
    (_, index) => `  - count: ${SERVERS}
    account: "111122223333"
    region: us-west-2
    hostname: app-${pad(index + 1)}-{n}
    tags: { Wave: "${pad(index + 1)}" }
    replication: { lag: 4s }
`,
  );
  return `name: large
seed: 7
pageSize: 200
start: "2026-11-20T03:00:00Z"
accounts: [{ id: "111122223333", regions: [us-west-2] }]
callers: [{ account: "111122223333" }]
servers:
${servers.join('')}documents:
  - name: Settle
    steps: [{ name: settle, duration: 8m }]
`;
}

function pad(index: number): string {
  return String(index).padStart(2, '0');
}
