import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHistory } from '@breakwater/assembly';
import { UserError, VirtualClock } from '@breakwater/core';
import { folderStore } from '@breakwater/history';
import { recordedTerminal, START, sampleHeader } from '../testing.ts';
import { report } from './report.ts';

const history = mkdtempSync(join(tmpdir(), 'breakwater-report-'));
after(() => rmSync(history, { recursive: true, force: true }));
await folderStore(history, { clock: new VirtualClock(START), owner: 'test' }).open(sampleHeader({ id: 'night-1' }));

async function reported(execution: string): Promise<string> {
  const terminal = recordedTerminal();
  await report({ execution, format: 'md', history }, { terminal, actor: 'ada', openHistory });
  return terminal.text();
}

test('an execution is found by its id, by a beginning of it, and with its plan before it, as other commands name it', async () => {
  for (const name of ['night-1', 'nig', 'webshop/night-1', 'webshop/nig']) {
    assert.match(await reported(name), /Drill of webshop/, name);
  }
});

test('one of another plan, or of none, is not found', async () => {
  for (const name of ['orders/night-1', 'night-2', 'webshop/night-2', '../../etc/passwd', 'webshop/']) {
    await assert.rejects(reported(name), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'execution-unknown', name);
      assert.match(error.next, /night-1/);
      return true;
    });
  }
});
