import type { KmsKey } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { RestoreState } from './restore-state.ts';

/**
 * What speaks against a KMS key at the site: it is not there, not enabled, or of another Region. That it may not be looked at is no
 * objection, only told: a real recovery does not wait for a permission that it does not need.
 */
export async function objectionToKey(state: RestoreState, id: string, context: OperationContext): Promise<Advance | undefined> {
  const { site } = state.site;
  const key = await look(state, id, context);
  if (key === 'unseen') return undefined;
  const wrong =
    key === undefined
      ? 'does not exist'
      : key.state !== undefined && key.state !== 'Enabled'
        ? `is ${key.state}`
        : key.region !== undefined && key.region !== site.region
          ? `is of Region ${key.region}`
          : undefined;
  if (wrong === undefined) return undefined;
  return state.fail(
    'key-not-accessible',
    `key ${id} ${wrong}, seen from account ${site.account}, ${site.region}`,
    `A key of ${site.region} that is enabled is needed. Nothing was changed.`,
  );
}

/** The key as DescribeKey shows it; `unseen` when that is not permitted. */
export async function lookAtKey(state: RestoreState, id: string): Promise<KmsKey | undefined | 'unseen'> {
  try {
    return await state.site.aws.kms.describeKey(id);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'permission-denied') throw error;
    return 'unseen';
  }
}

async function look(state: RestoreState, id: string, context: OperationContext) {
  const key = await lookAtKey(state, id);
  if (key === 'unseen') {
    const message = `key ${id} could not be looked at (kms:DescribeKey is not allowed); it is used unseen`;
    // AWS says soon enough whether it is closed; it matters only where something is deleted before.
    if (state.strategy === 'replace') await state.lose(context, message);
    else await state.telling.progress(context, message);
  }
  return key;
}
