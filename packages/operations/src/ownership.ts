import { createHash } from 'node:crypto';
import type { DrsJob } from '@breakwater/aws';
import type { Mode } from '@breakwater/core';

/** The tags that make a DRS job ours: whoever holds the execution id finds it again, without any record. */
export const TAGS = {
  execution: 'breakwater:execution',
  plan: 'breakwater:plan',
  wave: 'breakwater:wave',
  mode: 'breakwater:mode',
  attempt: 'breakwater:attempt',
  chunk: 'breakwater:chunk',
} as const;

export interface Owner {
  readonly execution: string;
  readonly plan: string;
  readonly wave: string;
  readonly mode: Mode;
  readonly attempt: number;
}

/** AWS allows letters, digits, spaces and `+ - = . _ : / @` in a tag value, at most 256 characters. */
const NOT_IN_TAGS = /[^\p{L}\p{N} +\-=._:/@]/gu;
const LONGEST_VALUE = 256;

/** A text as a tag value. What AWS would refuse is replaced, and a short hash keeps two such texts apart. */
export function tagValue(text: string): string {
  const legal = text.replace(NOT_IN_TAGS, '_');
  if (legal === text && text.length <= LONGEST_VALUE) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${legal.slice(0, LONGEST_VALUE - hash.length - 1)}-${hash}`;
}

/** The key of one StartRecovery: in the journalled intent, and in the job's chunk tag. */
export function chunkKey({ execution, wave, attempt }: Owner, site: string, chunk: string): string {
  return `${execution}/${wave}/${attempt}/${site}/${chunk}`;
}

export function recoveryTags(owner: Owner, key: string): Readonly<Record<string, string>> {
  return {
    [TAGS.execution]: tagValue(owner.execution),
    [TAGS.plan]: tagValue(owner.plan),
    [TAGS.wave]: tagValue(owner.wave),
    [TAGS.mode]: owner.mode,
    [TAGS.attempt]: String(owner.attempt),
    [TAGS.chunk]: tagValue(key),
  };
}

/** Whether the job carries this execution's tag. The record may be lost or wrong; the tag is the proof. */
export function isTaggedBy(job: Pick<DrsJob, 'tags'>, execution: string): boolean {
  return job.tags[TAGS.execution] === tagValue(execution);
}

/** Whether another execution of ours claims the job. */
export function isTaggedByAnother(job: Pick<DrsJob, 'tags'>, execution: string): boolean {
  const claimed = job.tags[TAGS.execution];
  return claimed !== undefined && claimed !== tagValue(execution);
}

/** The attempt in which the job was started; 0 when its tag does not say. */
export function attemptOf(job: Pick<DrsJob, 'tags'>): number {
  const attempt = Number(job.tags[TAGS.attempt]);
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 0;
}

/** Whether DRS still works on the job. A status that we do not know counts as work: waiting is safer than acting. */
export function isActive(job: Pick<DrsJob, 'status'>): boolean {
  return job.status !== 'COMPLETED';
}
