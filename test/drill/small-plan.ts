import { folderWith } from './virtual-drill.ts';

/** Three servers, for tests of what happens around a recovery. */
export const SMALL_SCENARIO = `name: small
accounts: [{ id: "111122223333", regions: [us-west-2] }]
callers: [{ account: "111122223333" }]
servers:
  - { count: 2, account: "111122223333", region: us-west-2, hostname: "app-{n}", tags: { App: app }, replication: { lag: 2s } }
  - { count: 1, account: "111122223333", region: us-west-2, hostname: "web-{n}", tags: { App: web }, replication: { lag: 2s } }
`;

const plan = (name: string) => `apiVersion: breakwater/v1
kind: RecoveryPlan
name: ${name}
owner: tester
tier: 1
objectives: { rto: 2h, rpo: 15m }
drill: { cleanUp: terminate }
waves:
  - { name: app, groups: [app] }
  - { name: web, groups: [web], dependsOn: [app] }
`;

const group = (name: string) =>
  `apiVersion: breakwater/v1\nkind: ProtectionGroup\nname: ${name}\nsite: dr\nselect: { tags: { App: ${name} } }\n`;

/** A folder with two plans, `here` and `there`, that recover the same servers in two waves. */
export function smallPlans(): Promise<string> {
  return folderWith({
    'here.yaml': plan('here'),
    'there.yaml': plan('there'),
    'app.yaml': group('app'),
    'web.yaml': group('web'),
    'site.yaml': 'apiVersion: breakwater/v1\nkind: Site\nname: dr\naccount: "111122223333"\nregion: us-west-2\n',
  });
}
