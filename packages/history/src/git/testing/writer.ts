/**
 * A process that writes one wave of an execution on a branch, for the tests of many writers at once:
 * `node writer.ts <root> <remote> <wave> <intents>`. It says `done` when everything is on the branch.
 */
import { systemClock } from '@breakwater/core';
import { header, OK, wavesNamed } from '../../testing/records.ts';
import { machine } from './machine.ts';

const [root = '', remote = '', wave = '', intents = '1'] = process.argv.slice(2);
const { store } = await machine(root, remote, { pace: systemClock, author: { name: wave, email: `${wave}@noreply.invalid` } });
const { execution } = await store.open(header(wavesNamed('data'), { actor: wave }));
const journal = await execution.journal(`waves/${wave}`, 'refuse');
await journal.append({ type: 'wave-started', servers: [] });
for (let n = 0; n < Number(intents); n += 1) {
  await journal.append({ type: 'intent', step: 'recover', operation: 'drs:StartRecovery', key: `${wave}-${n}`, detail: {} });
  await journal.append({ type: 'progress', step: 'recover', note: `step ${n}` });
}
await journal.append({ type: 'wave-finished', status: 'succeeded', reason: OK });
await journal.close();
const left = await store.close();
process.stdout.write(left === undefined ? 'done\n' : `left: ${left.message}\n`);
