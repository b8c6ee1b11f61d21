import { findKey } from '../kms/keys.ts';
import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import { ownSnapshot } from './describe-snapshots.ts';
import { FAMILIES, type FamilyWords, snapshotState } from './families.ts';
import { invalidValue, rdsFault } from './faults.ts';
import { type Snapshot, snapshotStatus } from './state.ts';

interface AttributeRequest {
  readonly DBClusterSnapshotIdentifier?: string;
  readonly DBSnapshotIdentifier?: string;
  readonly AttributeName?: string;
  readonly ValuesToAdd?: readonly string[];
  readonly ValuesToRemove?: readonly string[];
}

const MOST_ACCOUNTS = 20;
/** A cluster of these is a Multi-AZ DB cluster. */
const MULTI_AZ_ENGINES = ['postgres', 'mysql'];

function attributes({ noun }: FamilyWords, snapshot: Snapshot): Output {
  return {
    [`${noun}AttributesResult`]: {
      [`${noun}Identifier`]: snapshot.id,
      [`${noun}Attributes`]: [{ AttributeName: 'restore', AttributeValues: [...snapshot.sharedWith.keys()] }],
    },
  };
}

function nameOf(input: AttributeRequest): string {
  return input.DBClusterSnapshotIdentifier ?? input.DBSnapshotIdentifier ?? '';
}

/** DescribeDBClusterSnapshotAttributes and DescribeDBSnapshotAttributes: of manual snapshots. */
export function describeSnapshotAttributes(family: SnapshotFamily): (context: CallContext, input: AttributeRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => attributes(words, ownSnapshot(context, words, nameOf(input)));
}

/** ModifyDBClusterSnapshotAttribute and ModifyDBSnapshotAttribute: who may copy or restore. */
export function modifySnapshotAttribute(family: SnapshotFamily): (context: CallContext, input: AttributeRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => {
    const { world, now } = context;
    const snapshot = ownSnapshot(context, words, nameOf(input));
    if (input.AttributeName !== 'restore') throw invalidValue(`Invalid attribute name: ${input.AttributeName}`);
    const wrong = [...(input.ValuesToAdd ?? []), ...(input.ValuesToRemove ?? [])].find((value) => !/^(\d{12}|all)$/.test(value));
    if (wrong !== undefined) throw invalidValue(`Invalid attribute value: ${wrong}`);
    checkShareable(context, words, snapshot, input.ValuesToAdd ?? []);
    const kept = new Map([...snapshot.sharedWith].filter(([account]) => input.ValuesToRemove?.includes(account) !== true));
    for (const account of input.ValuesToAdd ?? []) {
      if (!kept.has(account)) kept.set(account, now + world.scenario.rds.sharesVisibleAfter);
    }
    if (kept.size > MOST_ACCOUNTS) {
      throw rdsFault('SharedSnapshotQuotaExceededFault', `A snapshot cannot be shared with more than ${MOST_ACCOUNTS} accounts.`);
    }
    context.changed();
    snapshot.sharedWith.clear();
    for (const [account, from] of kept) snapshot.sharedWith.set(account, from);
    return attributes(words, snapshot);
  };
}

function checkShareable(context: CallContext, words: FamilyWords, snapshot: Snapshot, added: readonly string[]): void {
  if (snapshot.type !== 'manual') {
    throw snapshotState(words, `Only manual snapshots can be shared. ${snapshot.id} is of type ${snapshot.type}.`);
  }
  const status = snapshotStatus(snapshot, context.now);
  if (status !== 'available') {
    throw snapshotState(words, `Cannot modify the snapshot ${snapshot.id} because it is in the ${status} state.`);
  }
  if (added.length === 0) return;
  const { encryption, engine, keyArn } = snapshot.contents;
  if (snapshot.family === 'cluster' && MULTI_AZ_ENGINES.includes(engine)) {
    throw snapshotState(words, 'Snapshots of Multi-AZ DB clusters cannot be shared.');
  }
  if (encryption !== 'none' && added.includes('all')) {
    throw invalidValue('Encrypted snapshots cannot be shared with all accounts.');
  }
  const isDefault = keyArn !== undefined && findKey(context.world, keyArn, context.state)?.manager === 'AWS';
  if (encryption === 'sse-rds' || isDefault) {
    throw snapshotState(words, `You can't share a snapshot that is encrypted with the default encryption key.`);
  }
}
