import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { ActionDefinition } from './definition.ts';
import { recordingRunner } from './recording-runner.ts';
import { runAction } from './run-action.ts';
import { demandTrustedRun } from './trust.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'breakwater-trust-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function environmentOf(event: string, payload: unknown, more: Readonly<Record<string, string>> = {}) {
  const file = path.join(folder, `event-${files++}.json`);
  writeFileSync(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { GITHUB_EVENT_NAME: event, GITHUB_REPOSITORY: 'example/webshop', GITHUB_EVENT_PATH: file, ...more };
}

const pull = (repo: object | null) => ({ pull_request: { head: { repo } } });
const own = pull({ full_name: 'Example/webshop' });
const fork = pull({ full_name: 'eve/webshop' });

const trusted: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
  ['a dispatch', environmentOf('workflow_dispatch', {})],
  ['a schedule', environmentOf('schedule', {})],
  ['no GitHub at all', {}],
  ['a pull request of the repository itself', environmentOf('pull_request', own)],
  ['a push that Dependabot’s merge made', environmentOf('push', {}, { GITHUB_ACTOR: 'dependabot[bot]' })],
  [
    'a workflow_run after a push',
    environmentOf('workflow_run', { workflow_run: { head_repository: { full_name: 'example/webshop' } } }),
  ],
];

const strangers: readonly (readonly [string, Readonly<Record<string, string | undefined>>, RegExp])[] = [
  ['a pull request from a fork', environmentOf('pull_request', fork), /comes from the fork eve\/webshop/],
  ['one that runs with secrets', environmentOf('pull_request_target', fork), /`pull_request_target`/],
  ['a fork that was deleted', environmentOf('pull_request', pull(null)), /may come from a fork/],
  ['a payload that is no JSON', environmentOf('pull_request', '{'), /may come from a fork/],
  ['no payload', { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REPOSITORY: 'example/webshop' }, /may come from a fork/],
  ['no repository', { ...environmentOf('pull_request', own), GITHUB_REPOSITORY: undefined }, /may come from a fork/],
  ['Dependabot', environmentOf('pull_request', own, { GITHUB_ACTOR: 'dependabot[bot]' }), /Dependabot opened/],
  [
    'what a person does to a pull request that Dependabot opened',
    environmentOf('pull_request', { pull_request: { ...own.pull_request, user: { login: 'dependabot[bot]' } } }),
    /Dependabot opened/,
  ],
  [
    'a workflow_run after Dependabot’s pull request',
    environmentOf('workflow_run', {
      workflow_run: { head_repository: { full_name: 'example/webshop' }, actor: { login: 'dependabot[bot]' } },
    }),
    /Dependabot opened/,
  ],
  ['a comment, which anybody may write', environmentOf('issue_comment', {}), /`issue_comment`, which anybody may cause/],
  ['an issue', environmentOf('issues', {}), /`issues`, which anybody may cause/],
  ['a discussion', environmentOf('discussion_comment', {}), /which anybody may cause/],
  ['a star', environmentOf('watch', {}), /which anybody may cause/],
  [
    'a workflow_run after a comment',
    environmentOf('workflow_run', {
      workflow_run: { event: 'issue_comment', head_repository: { full_name: 'example/webshop' } },
    }),
    /`issue_comment`, which anybody may cause/,
  ],
  ['a page of the wiki', environmentOf('gollum', {}), /which anybody may cause/],
  [
    'a workflow_run after a fork’s pull request',
    environmentOf('workflow_run', { workflow_run: { head_repository: { full_name: 'eve/webshop' } } }),
    /`workflow_run`.*eve\/webshop/,
  ],
];

for (const [what, environment] of trusted)
  test(`trusted: ${what}`, () => assert.doesNotThrow(() => demandTrustedRun(environment)));

for (const [what, environment, message] of strangers) {
  test(`refused: ${what}`, () => assert.throws(() => demandTrustedRun(environment), { code: 'run-untrusted', message }));
}

const definition = {
  name: 'strict',
  title: 'Strict',
  description: 'For tests.',
  branding: { icon: 'anchor', color: 'blue' },
  onlyTrusted: true,
  inputs: {},
  outputs: {
    status: { description: 's', default: 'in-progress' },
    'reason-code': { description: 'r', default: 'interrupted' },
    result: { description: 'j', default: '{}' },
  },
} as const satisfies ActionDefinition;

test('an action that only trusted runs may use does nothing in another', async () => {
  const runner = recordingRunner(environmentOf('pull_request', fork));
  await runAction(definition, async () => assert.fail('it must not run'), runner);
  assert.equal(runner.outputs['reason-code'], 'run-untrusted');
  assert.match(runner.failures[0] ?? '', /^run-untrusted: .*Let such runs do nothing but `breakwater check`/);
});

test('and runs in one that is', async () => {
  const runner = recordingRunner(environmentOf('pull_request', own));
  await runAction(definition, async () => ({ status: 'succeeded', reason: 'ok', result: '{}' }), runner);
  assert.equal(runner.outputs['status'], 'succeeded');
});
