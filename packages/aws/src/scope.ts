/** A Condition block of an IAM policy. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * On what an IAM action is granted, and when. ARNs hold the names of CloudFormation, `${AWS::Partition}` and `${AWS::AccountId}`, and
 * those of `SCOPE_PARAMETERS`, so that the same list becomes a policy file and a template.
 */
export interface Scope {
  /** Names the statement; actions of one scope stand in one statement. */
  readonly name: string;
  readonly on: readonly string[];
  readonly when?: Conditions;
  /** Only what is ours: a policy for work on what others made does without. */
  readonly ours?: Conditions;
  /** In a policy that may only drill. */
  readonly inDrill?: Conditions;
  /** Needed by these methods only; left out: by every one that needs the action. */
  readonly by?: readonly string[];
  /** Not asked of us but of a service that works in our name. */
  readonly forwarded?: true;
}

/** Beginnings of names that a team may narrow; empty: every name. */
export const SCOPE_PARAMETERS = ['DocumentPrefix', 'SecretPrefix', 'ParameterPrefix', 'TopicPrefix', 'RolePrefix'] as const;

/** An ARN in the account that the role belongs to. */
export function own(service: string, ...resources: readonly string[]): readonly string[] {
  return resources.map((resource) => `arn:\u0024{AWS::Partition}:${service}:*:\u0024{AWS::AccountId}:${resource}`);
}

/** An ARN in any account: snapshots and keys that another account shares, documents of AWS. */
export function anyones(service: string, ...resources: readonly string[]): readonly string[] {
  return resources.map((resource) => `arn:\u0024{AWS::Partition}:${service}:*:*:${resource}`);
}

/** A name that may be narrowed by a parameter, as a part of an ARN. */
export function named(parameter: (typeof SCOPE_PARAMETERS)[number]): string {
  return `\u0024{${parameter}}*`;
}

/** For actions that know no resource, by the service authorization reference. */
export const EVERYTHING: Scope = { name: 'NoResource', on: ['*'] };

/** For keys that a service uses in its caller's name. */
export function through(service: string): Conditions {
  return { StringLike: { 'kms:ViaService': `${service}.*.amazonaws.com` } };
}

/** Keys that secrets are under. */
export const SECRET_KEYS: Scope = { name: 'KeysOfSecrets', on: anyones('kms', 'key/*'), when: through('secretsmanager') };
