import { parseScenario } from './load-scenario.ts';
import type { Scenario } from './scenario.ts';

/** A small world for a first try: one account, two servers, one document. Nothing goes wrong in it. */
export const defaultScenario: Scenario = parseScenario(
  `
name: default
start: 2026-03-04T03:00:00Z
callers:
  - account: "111122223333"
servers:
  - hostname: server-{n}
    count: 2
    account: "111122223333"
    region: us-west-2
    tags: { Application: sample }
    replication: { lag: 4s }
documents:
  - name: Sample-Check
    steps:
      - { name: check, duration: 12s, outputs: { Result: healthy } }
`,
  'default',
);
