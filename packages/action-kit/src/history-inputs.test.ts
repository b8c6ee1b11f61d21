import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyBranch } from './history-inputs.ts';

const run = { serverUrl: 'https://github.example.com', repository: 'acme/recovery' };
const given = (name?: string, remote?: string, token?: string) => ({
  'history-branch': name,
  'history-remote': remote,
  token,
});

test('without a branch the folder stands alone, whatever else is given', () => {
  assert.equal(historyBranch(given(undefined, 'https://example.com/x.git', 't'), run), undefined);
});

test('the branch is one of the repository of the run, written with its token, unless another one is named', () => {
  const own = 'https://github.example.com/acme/recovery';
  assert.deepEqual(historyBranch(given('dr-history', undefined, 't'), run), { name: 'dr-history', remote: own, token: 't' });
  assert.deepEqual(historyBranch(given('audit', 'git@example.com:x.git'), run), {
    name: 'audit',
    remote: 'git@example.com:x.git',
  });
  assert.deepEqual(historyBranch(given('dr-history'), { ...run, repository: undefined }), {
    name: 'dr-history',
    remote: 'origin',
  });
});
