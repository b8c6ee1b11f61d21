import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PushRequest } from '@breakwater/assembly';
import type { Joined } from '@breakwater/history';
import { recordedTerminal } from '../testing.ts';
import { historyPush } from './history-push.ts';

const branch = { name: 'dr-history', remote: 'origin' };

async function push(joined: Joined, env: Record<string, string> = {}, keepBoth = false) {
  const terminal = recordedTerminal(env);
  const requests: PushRequest[] = [];
  const code = await historyPush(
    { history: 'h', branch, keepBoth },
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

test('nothing to join is said; a token comes from the environment', async () => {
  const { code, out, requests } = await push({ place: 'x#y', executions: [] }, { BREAKWATER_HISTORY_TOKEN: 't' }, true);
  assert.equal(code, 0);
  assert.equal(out, 'h holds no execution\n');
  assert.deepEqual(requests[0]?.branch, { ...branch, token: 't' });
  assert.equal(requests[0]?.diverged, 'keep-both');
});
