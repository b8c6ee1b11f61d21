import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PushRequest } from '@breakwater/assembly';
import { UserError } from '@breakwater/core';
import type { Joined } from '@breakwater/history';
import { recordedTerminal } from '../testing.ts';
import { historyPush } from './history-push.ts';

const branch = { name: 'dr-history', remote: 'origin' };

async function push(joined: Joined, env: Record<string, string> = {}, keepBoth = false, rewritten?: 'restore') {
  const terminal = recordedTerminal(env);
  const requests: PushRequest[] = [];
  const code = await historyPush(
    { history: 'h', branch, keepBoth, ...(rewritten === undefined ? {} : { rewritten }) },
    {
      terminal,
      actor: 'ada',
      pushHistory: async (request, { warn }) => {
        requests.push(request);
        warn({ code: 'history-unreachable', message: 'no answer; trying again' });
        return joined;
      },
    },
  );
  return { code, requests, out: terminal.text(), err: terminal.errors() };
}

test('each execution that was joined has a line, those that were there a number', async () => {
  const { code, out, err, requests } = await push({
    place: 'https://example.com/x.git#dr-history',
    commit: '0123456789abcdef0123',
    executions: [
      { plan: 'webshop', id: 'a', state: 'joined', keptBoth: [] },
      { plan: 'webshop', id: 'b', state: 'known', keptBoth: [] },
      { plan: 'webshop', id: 'c', state: 'continued', keptBoth: ['webshop/c/waves/data.jsonl'] },
    ],
  });
  assert.equal(code, 0);
  assert.equal(
    out,
    'webshop/a joined\nwebshop/c continued, both kept of waves/data.jsonl\n1 execution was there already\nhttps://example.com/x.git#dr-history is at 0123456789ab\n',
  );
  assert.equal(err, 'breakwater: no answer; trying again [history-unreachable]\n');
  assert.deepEqual(requests, [{ history: 'h', branch, diverged: 'refuse', actor: 'ada', onGithub: false }]);
});

test('a token comes from the environment', async () => {
  const known = { plan: 'webshop', id: 'b', state: 'known', keptBoth: [] } as const;
  const { requests } = await push({ place: 'x#y', executions: [known] }, { BREAKWATER_HISTORY_TOKEN: 't' }, true);
  assert.deepEqual(requests[0]?.branch, { ...branch, token: 't' });
  assert.equal(requests[0]?.diverged, 'keep-both');
});

test('a folder without an execution, as in the wrong directory, is no success: the record to join lies elsewhere', async () => {
  await assert.rejects(push({ place: 'x#y', executions: [] }), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, 'execution-unknown');
    assert.match(error.message, /^h holds no execution/);
    assert.match(error.next, /--history/);
    return true;
  });
});

test('a branch can be repaired from where no execution lies', async () => {
  const { code, out } = await push({ place: 'x#y', commit: '0123456789abcdef', executions: [] }, {}, false, 'restore');
  assert.deepEqual([code, out], [0, 'x#y is at 0123456789ab\n']);
});
