import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Advance, Operation } from '@breakwater/engine';
import { type CopyWorld, copyWorld } from '../testing/copying.ts';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import type { CopySnapshotRequest, DatabaseSite } from './contracts.ts';

/** One manual snapshot, copied to two Regions of one account at the same time: both need the same share. */
const BY_HAND = { choice: { kind: 'id', id: 'shop-by-hand' } } as const satisfies Partial<CopySnapshotRequest>;
const NEAR_KEY = 'arn:aws:kms:us-east-1:222233334444:key/11111111-0000-4000-8000-000000000001';

function near(aws: CopyWorld): Partial<CopySnapshotRequest> {
  return { ...BY_HAND, destination: aws.relay, kmsKeyId: NEAR_KEY };
}

/** Asks until it says so, or ends. */
async function until(aws: CopyWorld, operation: Operation, said: RegExp): Promise<Advance> {
  const context = new StepJournal(aws.clock).context();
  for (let look = 0; look < 5_000; look += 1) {
    const advance = await operation.advance(context);
    if (advance.state !== 'waiting' || said.test(advance.note)) return advance;
    await aws.clock.sleep(advance.lookAgainIn);
  }
  throw new Error(`it never said ${said}`);
}

async function toTheEnd(aws: CopyWorld, operation: Operation) {
  return (await drive(operation, new StepJournal(aws.clock).context(), { patience: 48 * 3_600_000 })).end;
}

test('a share that we began for another Region is not taken for the owner’s: whoever ends first does not cut the other off', async () => {
  const aws = copyWorld();
  const far = aws.copy(BY_HAND);
  await until(aws, far, /^shop-by-hand is shared with account/);
  const close = aws.copy(near(aws));
  // It has its share, and then must wait so long for a place that the other ends first.
  await until(aws, close, /shared with account/);
  assert.equal((await toTheEnd(aws, far)).state, 'done');
  const end = await toTheEnd(aws, close);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(await aws.leftBehind(), []);
});

test('two that end at the same moment do not each leave the share to the other', async () => {
  const aws = copyWorld();
  const [both, arrived] = meeting(2);
  // Both look at the marks before either takes its own off.
  const source = pausing(aws.source, async () => arrived().then(() => both));
  const copies = [aws.copy({ ...BY_HAND, source: source.site }), aws.copy({ ...near(aws), source: source.site })];
  for (const copy of copies) await until(aws, copy, /^copy \S+ is available$/);
  source.arm();
  const ends = await Promise.all(copies.map((copy) => toTheEnd(aws, copy)));
  assert.deepEqual(
    ends.map(({ state }) => state),
    ['done', 'done'],
    JSON.stringify(ends),
  );
  assert.deepEqual(await aws.leftBehind(), []);
});

function meeting(count: number): readonly [Promise<void>, () => Promise<void>] {
  let here = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [
    all,
    async () => {
      here += 1;
      if (here === count) open();
    },
  ];
}

/** The site whose first listings after `arm` are answered only when `wait` is over. */
function pausing(
  { site, aws }: DatabaseSite,
  wait: () => Promise<void>,
): { readonly site: DatabaseSite; readonly arm: () => void } {
  let left = 0;
  const rds: DatabaseSite['aws']['rds'] = {
    ...aws.rds,
    async describeSnapshots(...asked) {
      const answer = await aws.rds.describeSnapshots(...asked);
      if (left > 0) {
        left -= 1;
        await wait();
      }
      return answer;
    },
  };
  return {
    site: { site, aws: { ...aws, rds } },
    arm: () => {
      left = 2;
    },
  };
}
