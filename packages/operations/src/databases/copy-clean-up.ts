import type { RdsSnapshot } from '@breakwater/aws';
import type { OperationContext } from '@breakwater/engine';
import type { CopySnapshotRequest, DatabaseSite } from './contracts.ts';
import { isPassing, isSnapshotState } from './copy-faults.ts';
import { isSharedForAnother, isWayOf, sharedTag } from './copy-tags.ts';
import { operationName } from './copy-words.ts';

/** Something that must not stay behind. */
interface Chore {
  readonly what: string;
  /** `nothing`: there was nothing to do. `more`: a change was made, another is due. `last`: the last change was made. */
  run(context: OperationContext): Promise<'nothing' | 'more' | 'last'>;
}

/** How long a state that forbids a chore may last, milliseconds. */
const PATIENCE = 5 * 60_000;
const AGAIN = 10_000;

/**
 * Takes back what a copy needed on its way, whatever became of it: the share with the destination's account, the relay copy, the transit
 * copy. Only what carries our tags, and only one change a call. What cannot be taken back is told, never hidden.
 */
export class CopyCleanUp {
  readonly #chores: Chore[];
  readonly #left: string[] = [];
  #since: number | undefined;
  #changed = false;

  constructor(chores: readonly Chore[]) {
    this.#chores = [...chores];
  }

  /** What is left although it should not be; empty: nothing. Final once `step` has said so. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Whether anything was there to be taken back. */
  get changed(): boolean {
    return this.#changed;
  }

  /** `undefined`: all chores are over; otherwise when to come again. Throws passing faults, to be asked again. */
  async step(context: OperationContext): Promise<number | undefined> {
    for (let chore = this.#chores[0]; chore !== undefined; chore = this.#chores[0]) {
      try {
        const ended = await chore.run(context);
        if (ended !== 'nothing') this.#changed = true;
        if (ended === 'more') return 0;
        if (ended === 'last') {
          this.#over();
          return 0;
        }
      } catch (error) {
        if (isPassing(error)) throw error;
        this.#since ??= context.clock.now();
        if (isSnapshotState(error) && context.clock.now() - this.#since < PATIENCE) return AGAIN;
        this.#left.push(`${chore.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.#over();
    }
    return undefined;
  }

  #over(): void {
    this.#since = undefined;
    this.#chores.shift();
  }
}

/** Ends the share of a snapshot of the source that is not ours, if it was we who shared it. */
export function unshareSource(request: CopySnapshotRequest, id: string): Chore {
  const { kind, source, destination } = request;
  const marker = sharedTag(destination.site);
  const account = destination.site.account;
  let unshared = false;
  let leftToOther = false;
  return {
    what: `source snapshot ${id} is still shared with account ${account}`,
    async run(context) {
      const [snapshot] = await source.aws.rds.describeSnapshots(kind, { id });
      if (snapshot === undefined || (!leftToOther && (snapshot.tags[marker] ?? '') === '')) return 'nothing';
      if (!unshared && !isSharedForAnother(snapshot.tags, destination.site)) {
        await source.aws.rds.unshare(kind, id, account);
        unshared = true;
        await told(context, source, operationName(kind, 'share'), `unshare ${id}`, snapshot.arn, { account, shared: false });
        return leftToOther ? 'last' : 'more';
      }
      if (leftToOther) return 'nothing';
      // The tag cannot be taken off by the gateway: empty, it says nothing.
      await source.aws.rds.addTags(snapshot.arn, { [marker]: '' });
      // The other copy may end at this very moment and leave the share to us: whoever takes the last mark off sees that, and ends it.
      leftToOther = !unshared;
      return unshared ? 'last' : 'more';
    },
  };
}

/** Deletes a copy that exists only on the way, after its share was ended. */
export function removeWay(request: CopySnapshotRequest, at: DatabaseSite, name: string, sourceArn: string): Chore {
  const { kind, destination } = request;
  const account = destination.site.account;
  let shared = at.site.account !== account;
  let found: RdsSnapshot | undefined;
  return {
    what: `${name} in account ${at.site.account}, ${at.site.region}, could not be unshared and deleted`,
    async run(context) {
      const snapshot = found ?? (await at.aws.rds.describeSnapshots(kind, { id: name, type: 'manual' }))[0];
      if (snapshot === undefined || snapshot.status === 'deleting' || !isWayOf(snapshot, sourceArn)) return 'nothing';
      if (shared && snapshot.status === 'available') {
        await at.aws.rds.unshare(kind, name, account);
        shared = false;
        found = snapshot;
        await told(context, at, operationName(kind, 'share'), `unshare ${name}`, snapshot.arn, { account, shared: false });
        return 'more';
      }
      await at.aws.rds.deleteSnapshot(kind, name);
      await told(context, at, operationName(kind, 'delete'), `delete ${name}`, snapshot.arn, {});
      return 'last';
    },
  };
}

async function told(
  context: OperationContext,
  { site }: DatabaseSite,
  operation: string,
  key: string,
  id: string,
  detail: { readonly account?: string; readonly shared?: boolean },
): Promise<void> {
  await context.change({ operation, key, id, adopted: false, site: site.name, detail: { ...detail } });
}
