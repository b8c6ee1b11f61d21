import type { DatabaseRecovery } from './model.ts';

/** What a database is restored from. */
export interface DatabaseSource {
  readonly kind: 'cluster' | 'instance';
  /** Its identifier; empty where a plan names none, which a check finds. */
  readonly id: string;
}

/** The cluster or the instance that an entry names. */
export function sourceOf({ cluster, instance }: Pick<DatabaseRecovery, 'cluster' | 'instance'>): DatabaseSource {
  return instance === undefined ? { kind: 'cluster', id: cluster ?? '' } : { kind: 'instance', id: instance };
}
