import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STATUSES } from '@breakwater/core';
import { foldExecution } from '@breakwater/history';
import { gantt } from './gantt.ts';
import { failed, hostile, inProgress, large, normal } from './testing/executions.ts';
import { START, Teller } from './testing/teller.ts';

/** The statements of a gantt chart that are used here (mermaid.js.org/syntax/gantt.html). */
const STATEMENTS = [
  /^gantt$/,
  /^ {2}dateFormat YYYY-MM-DD HH:mm:ss$/,
  /^ {2}axisFormat (%d )?%H:%M$/,
  /^ {2}tickInterval [1-9][0-9]*(minute|hour|day)$/,
  /^ {2}section [^:;#%<>"\n]+$/,
  /^ {4}[^:;#%<>"\n]+ :((done|active|crit|crit, done), )?t\d+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
];

describe('every line is a statement of the grammar', () => {
  for (const [name, make] of Object.entries({ normal, failed, inProgress, hostile, large })) {
    test(name, () => {
      const lines = gantt(make()).split('\n');
      assert.ok(lines.length > 5);
      for (const line of lines)
        assert.ok(
          STATEMENTS.some((statement) => statement.test(line)),
          line,
        );
    });
  }
});

test('nothing begun, nothing drawn', () => {
  assert.equal(gantt(foldExecution(normal().header, new Map())), '');
});

test('a bar for each step begun, in the colour of its end; what runs is drawn up to the last moment known', () => {
  const teller = new Teller({ waves: ['w'] });
  for (const status of STATUSES)
    teller.start('waves/w', `post/${status}`, 'post-wave-action', status).end('waves/w', `post/${status}`, status);
  teller
    .start('waves/w', 'post/open', 'post-wave-action', 'open')
    .at(7)
    .start('waves/w', 'post/last', 'post-wave-action', 'last');
  const tags = Object.fromEntries(
    [...gantt(teller.execution()).matchAll(/^ {4}after (\S+) :(.*?)t\d+, \S+ (\S+), \S+ (\S+)$/gm)].map(
      ([, name, tag, , end]) => [name, `${tag} ${end}`],
    ),
  );
  assert.deepEqual(tags, {
    pending: 'active,  03:15:01',
    running: 'active,  03:15:01',
    waiting: 'active,  03:15:01',
    succeeded: 'done,  03:15:01',
    'succeeded-with-warnings': 'done,  03:15:01',
    failed: 'crit,  03:15:01',
    'failed-ignored': 'crit, done,  03:15:01',
    'timed-out': 'crit,  03:15:01',
    skipped: ' 03:15:01',
    cancelled: ' 03:15:01',
    open: 'active,  03:22:00',
    last: 'active,  03:22:01',
  });
});

test('people’s approvals and the work after the last wave stand apart', () => {
  const sections = (chart: string) => [...chart.matchAll(/^ {2}section (.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(sections(gantt(inProgress())), ['waiting for people', 'database', 'application', 'web']);
  assert.deepEqual(sections(gantt(normal())), ['database', 'application', 'web', 'after the last wave']);
});

test('with very many steps there is one bar a wave, and GitHub can still draw it', () => {
  const names = Array.from({ length: 200 }, (_, i) => `wave-${i}`);
  const teller = new Teller({ waves: names });
  for (const [i, name] of names.entries()) teller.at(i).recover(name, []);
  const chart = gantt(teller.execution());
  assert.equal(chart.match(/^ {4}wave wave-\d+ /gm)?.length, 60);
  assert.ok(chart.length < 50_000);
});

test('ticks leave the axis readable, from minutes to days', () => {
  const chartOf = (minutes: number) =>
    gantt(
      new Teller({ waves: ['w'] })
        .start('waves/w', 'recover', 'recover', 'launch')
        .at(minutes)
        .end('waves/w', 'recover')
        .execution(),
    );
  const ticks = [5, 50, 110, 300, 700, 4_000, 20_000].map((minutes) => /tickInterval (.*)/.exec(chartOf(minutes))?.[1]);
  assert.deepEqual(ticks, ['1minute', '5minute', '10minute', '30minute', '1hour', '6hour', '1day']);
  assert.match(chartOf(50), /axisFormat %H:%M/);
  assert.match(chartOf(4_000), /axisFormat %d %H:%M/);
  assert.ok(chartOf(5).includes(new Date(START).toISOString().slice(0, 19).replace('T', ' ')));
});
