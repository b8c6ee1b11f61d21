import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databases, degraded, failed, hostile, inProgress, large, normal } from './testing/executions.ts';
import { renderText } from './text.ts';

test('a success is said in a few lines', () => {
  assert.equal(
    renderText(normal()),
    `SUCCEEDED  drill of webshop, execution drill-20261120T031500Z-4f2a  (SIMULATED: no evidence)
ok: 3 waves and 14 servers succeeded

recovery time   40m 30s   objective 1h 00m: met
recovery point  7s        objective 15m 00s: met, worst: web-6
servers         14 of 14 recovered
`,
  );
});

test('a failure names each thing that failed, why, and what to do', () => {
  assert.equal(
    renderText(failed()),
    `FAILED  recovery of webshop, execution recovery-20261120T031500Z-4f2a
server-failed: wave web: launch 6 servers: DRS did not launch web-2: UnauthorizedOperation when calling RunInstances operation

recovery time   35m 30s   objective 1h 00m: NOT MET: NOT ALL WAS RECOVERED
recovery point  6s        objective 15m 00s: not proved, worst: application-5
servers         8 of 14 recovered, 1 failed, 5 open

failed
  web: web-2 failed
    server-failed: DRS did not launch web-2: UnauthorizedOperation when calling RunInstances operation
    next: Allow ec2:RunInstances to the role of the site, then run the same execution again.
  web: Webshop-WarmCaches failed (ignored), does not fail the execution
    automation-failed: automation ended Failed in step Warm (aws:runCommand)
  finally: terminate the drill instances timed out, does not fail the execution
    timed-out: not done within 30m 00s; last seen: terminating 8 instances.
`,
  );
});

test('an interruption says what goes on', () => {
  assert.match(
    renderText(inProgress()),
    /^IN PROGRESS {2}recovery of webshop.*\ninterrupted: the run was told to stop \(SIGTERM\); AWS goes on with web\n/,
  );
  assert.match(renderText(inProgress()), /recovery time {3}– +objective 1h 00m: not known yet/);
});

test('damage, and objectives that were missed, are not overlooked', () => {
  const text = renderText(degraded());
  assert.match(
    text,
    /^DEGRADED.*\nhistory-corrupt: .*\nnext: Compare the history with a copy before you rely on this record\.\n\n/,
  );
  assert.match(text, /recovery point {2}7s +objective 3s: MISSED, worst: web-6/);
  assert.match(text, /damage found in the record\n {2}waves\/web\.damaged-1\.jsonl was found damaged and set aside/);
});

test('many failures do not push the verdict off the screen', () => {
  assert.match(renderText(large()), /\n {2}… and 10 more, in the report\n/);
  const many = { ...normal(), problems: Array.from({ length: 30 }, (_, i) => `problem ${i}`) };
  assert.match(renderText(many), /\n {2}… and 10 more, in the report\n/);
});

test('nothing in it moves the cursor', () => {
  assert.doesNotMatch(renderText(hostile()), /\p{Cc}(?<!\n)|\u202e/u);
});

test('what is not known is said, not guessed', () => {
  const execution = normal();
  const text = renderText({ ...execution, rpo: { objective: 1_000, unknown: 14 } });
  assert.match(text, /recovery point {2}– +objective 1s: not proved, unknown for 14/);
});

test('databases are counted apart, and one with an objective of its own is measured against that', () => {
  assert.equal(
    renderText(databases()),
    `DEGRADED  drill of webshop, execution drill-20261120T031500Z-4f2a
degraded: wave data: optional database lines failed: table lines: 0 rows, at least 1 expected; database stock lost data of 10m 00s, the objective is 5m 00s
next: Look at it.

recovery time   20m 00s   objective 1h 00m: met
recovery point  10m 00s   objective 15m 00s: NOT MET: A DATABASE MISSED ITS OWN, worst: database shop
  of database   10m 00s   objective 5m 00s: MISSED, stock
databases       2 of 3 recovered, 1 failed (optional)

failed
  data: lines failed, does not fail the execution
    verification-failed: table lines: 0 rows, at least 1 expected
    next: Look at it.
`,
  );
});
