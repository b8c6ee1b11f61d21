import type { CallContext } from '../world/call-context.ts';
import { parseRdsArn } from './arns.ts';
import { answersTo, snapshotKey, snapshotStatus, type Tags } from './state.ts';

/** The tags of whatever an ARN of RDS names, in any account; none if there is no such thing (yet). */
export function tagsOfResource({ world, now }: Pick<CallContext, 'world' | 'now'>, arn: string): Tags {
  const parsed = parseRdsArn(arn);
  if (parsed === undefined) return {};
  const { rds } = world.region(parsed.account, parsed.region);
  switch (parsed.type) {
    case 'cluster':
      return rds.clusters.find((one) => answersTo(one, parsed.id, now))?.tags ?? {};
    case 'db':
      return rds.instances.find((one) => answersTo(one, parsed.id, now))?.tags ?? {};
    case 'snapshot':
    case 'cluster-snapshot': {
      const snapshot = rds.snapshots.get(snapshotKey(parsed.type === 'snapshot' ? 'instance' : 'cluster', parsed.id));
      return snapshot !== undefined && snapshotStatus(snapshot, now) !== undefined ? snapshot.tags : {};
    }
    default:
      return {};
  }
}
