import type { CallContext } from '../world/call-context.ts';
import { accessDenied } from '../world/identities.ts';
import { parseRdsArn } from './arns.ts';
import { invalidValue, rdsFault } from './faults.ts';
import { answersTo, snapshotKey, snapshotStatus, type Tags } from './state.ts';

export interface WireTag {
  readonly Key?: string;
  readonly Value?: string;
}

const MOST_TAGS = 50;

/** Tags that a caller gives. Prefixes `aws:` and `rds:` belong to AWS. */
export function givenTags(list: readonly WireTag[] | undefined): Tags {
  const tags: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of list ?? []) {
    if (key === '' || key.length > 128) throw invalidValue('Tag keys must be between 1 and 128 characters in length.');
    if (value.length > 256) throw invalidValue('Tag values must be between 0 and 256 characters in length.');
    if (/^(aws|rds):/i.test(key)) throw invalidValue("Tag keys cannot start with the reserved prefixes 'aws:' or 'rds:'.");
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value))
      throw invalidValue(`Tag '${key}' contains characters that are not allowed.`);
    tags[key] = value;
  }
  return checkNumber(tags);
}

/** Tags of AWS itself do not count. */
function checkNumber(tags: Tags): Tags {
  if (Object.keys(copiedTags(tags)).length > MOST_TAGS) throw invalidValue(`A resource cannot have more than ${MOST_TAGS} tags.`);
  return tags;
}

export function tagList(tags: Tags): readonly { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags that AWS carries along itself: those in its own name stay behind. */
export function copiedTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
}

/** Whatever has tags, by ARN: only of the own account and Region. */
export function taggable(context: CallContext, arn: string): { tags: Tags } {
  const { state, now, principal, operation } = context;
  const parsed = parseRdsArn(arn);
  if (parsed === undefined) throw invalidValue(`Invalid resource name: ${arn}`);
  if (parsed.account !== state.account) {
    throw accessDenied(
      'rds',
      `User: ${principal.arn} is not authorized to perform: rds:${operation} on resource: ${arn} because no resource-based policy allows the rds:${operation} action`,
    );
  }
  if (parsed.region !== state.region) {
    throw invalidValue('The specified resource name does not match an RDS resource in this region.');
  }
  const { rds } = state;
  switch (parsed.type) {
    case 'cluster': {
      const cluster = rds.clusters.find((one) => answersTo(one, parsed.id, now));
      if (cluster !== undefined) return cluster;
      throw rdsFault('DBClusterNotFoundFault', `DBCluster ${parsed.id} not found.`);
    }
    case 'db': {
      const instance = rds.instances.find((one) => answersTo(one, parsed.id, now));
      if (instance !== undefined) return instance;
      throw rdsFault('DBInstanceNotFoundFault', `DBInstance ${parsed.id} not found.`);
    }
    case 'snapshot':
    case 'cluster-snapshot': {
      const family = parsed.type === 'snapshot' ? 'instance' : 'cluster';
      const snapshot = rds.snapshots.get(snapshotKey(family, parsed.id));
      if (snapshot !== undefined && snapshotStatus(snapshot, now) !== undefined) return snapshot;
      const noun = family === 'cluster' ? 'DBClusterSnapshot' : 'DBSnapshot';
      throw rdsFault(`${noun}NotFoundFault`, `${noun} ${parsed.id} not found.`);
    }
    default:
      throw invalidValue('The specified resource name does not match an RDS resource in this region.');
  }
}

interface TagRequest {
  readonly ResourceName: string;
  readonly Tags?: readonly WireTag[];
  readonly TagKeys?: readonly string[];
}

export function listTagsForResource(context: CallContext, { ResourceName }: TagRequest) {
  return { TagList: tagList(taggable(context, ResourceName).tags) };
}

export function addTagsToResource(context: CallContext, { ResourceName, Tags: list }: TagRequest) {
  const thing = taggable(context, ResourceName);
  thing.tags = checkNumber({ ...thing.tags, ...givenTags(list) });
  context.changed();
  return {};
}

export function removeTagsFromResource(context: CallContext, { ResourceName, TagKeys = [] }: TagRequest) {
  const thing = taggable(context, ResourceName);
  thing.tags = Object.fromEntries(Object.entries(thing.tags).filter(([key]) => !TagKeys.includes(key)));
  context.changed();
  return {};
}
