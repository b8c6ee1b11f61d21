import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Execution, JsonObject } from '@breakwater/history';
import { gateSection } from './gate-section.ts';
import { renderMarkdown } from './markdown.ts';
import { HOSTILE, inProgress } from './testing/executions.ts';

function approved(result: JsonObject | undefined): Execution {
  const execution = inProgress();
  return {
    ...execution,
    waves: execution.waves.map((wave) => ({
      ...wave,
      steps: wave.steps.map(({ result: _, ...step }) =>
        step.kind === 'gate' && result !== undefined ? { ...step, result } : step,
      ),
    })),
  };
}

const PROOF: JsonObject = {
  wave: 'web',
  requester: 'ann',
  firstRequester: 'dora',
  approvals: [
    { login: 'bob', environment: 'prod-a', comment: 'Region is down | go' },
    { login: 'carl', environment: 'prod-b', at: '2026-11-20T03:05:00Z' },
  ],
  rules: [
    { environment: 'prod-a', reviewers: ['bob', 'team:ops'], preventsSelfReview: true, adminsMayBypass: false },
    { environment: 'prod-b', reviewers: ['carl'], preventsSelfReview: true, adminsMayBypass: true },
  ],
  run: 'https://github.com/example/webshop/actions/runs/7',
  attempt: 2,
  between: { from: '2026-11-20T03:00:00Z', to: '2026-11-20T03:07:00.000Z' },
};

const render = (result: JsonObject | undefined) => gateSection(approved(result)).render('full');

test('a proved gate: who, where, why, asked for by whom, between when, and under which rules', () => {
  assert.equal(
    render({ approvedBy: 'bob, carl', proved: true, proof: PROOF }),
    [
      '## Approvals',
      '',
      '| Wave | Approved by | Environment | Comment | Asked for by | Approved (UTC) | Proof |',
      '| - | - | - | - | - | - | - |',
      '| web | bob | `prod-a` | Region is down \\| go | ann, first dora | 2026-11-20 03:00:00 to 2026-11-20 03:07:00 | [the run](https://github.com/example/webshop/actions/runs/7), attempt 2 |',
      '| web | carl | `prod-b` | | ann, first dora | 2026-11-20 03:05:00 | [the run](https://github.com/example/webshop/actions/runs/7), attempt 2 |',
      '',
      'The rules of the environments, when the gates were proved:',
      '',
      '| Environment | Who may approve | Own runs | Administrators |',
      '| - | - | - | - |',
      '| `prod-a` | bob, team:ops | may not be approved | may not bypass |',
      '| `prod-b` | carl | may not be approved | **may bypass** |',
    ].join('\n'),
  );
});

test('a gate that somebody vouched for says so, and why', () => {
  const text = render({ approvedBy: 'ann', proved: false, unproved: 'no platform kept the approval' });
  assert.match(text, /\| web \| ann \| – \| \| – \| [-: 0-9]+ \| \*\*none, ann vouches\*\*: no platform kept the approval \|/);
  assert.doesNotMatch(text, /The rules/);
});

test('a record of an older version is shown as unproved', () => {
  assert.match(render({ approvedBy: 'alex' }), /\*\*none, alex vouches\*\*: nothing is recorded of it/);
});

test('a gate that nobody opened is no approval', () => assert.equal(render(undefined), ''));

test('a proof of another shape is shown as far as it is known, and is no markup', () => {
  for (const proof of [
    null,
    'x',
    [],
    { approvals: 7, rules: [null, 7] },
    { approvals: [null], between: 'x', run: 'javascript:x' },
  ]) {
    assert.match(render({ proved: true, proof }), /^## Approvals/);
  }
  const text = render({
    proved: true,
    proof: {
      ...PROOF,
      run: 'javascript:alert(1)',
      approvals: [{ login: HOSTILE, environment: HOSTILE, comment: `${HOSTILE}\n# x` }],
    },
  });
  assert.doesNotMatch(text, /<script|javascript:/i);
  assert.equal(text.split('\n').filter((line) => line.startsWith('#')).length, 1);
  for (const line of text.split('\n').slice(2, 5)) assert.equal(line.replaceAll('\\|', '').split('|').length, 9, line);
});

test('the report has them', () => {
  assert.match(renderMarkdown(approved({ approvedBy: 'bob', proved: true, proof: PROOF })), /\n## Approvals\n/);
});
