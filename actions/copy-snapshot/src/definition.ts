import type { ActionDefinition } from '@breakwater/action-kit';

const ACCOUNT = { source: '^[0-9]{12}$', means: 'twelve digits' };
const REGION = { source: '^[a-z]{2,}(-[a-z]+)+-[0-9]+$', means: 'a Region as eu-central-1' };
const MOMENT = {
  source: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$',
  means: 'date, time and time zone as 2026-11-20T03:00:00Z',
};
const ROLE = { source: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$', means: 'the ARN of an IAM role' };

/** Inputs and outputs of `copy-snapshot`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'copy-snapshot',
  title: 'Breakwater: copy snapshots',
  description:
    'Copies RDS and Aurora snapshots to another account, another Region or both, under a key of the destination, and keeps them by policy.',
  branding: { icon: 'copy', color: 'blue' },
  onlyTrusted: true,
  inputs: {
    kind: {
      kind: 'choice',
      of: ['cluster', 'instance'],
      default: 'cluster',
      description: 'cluster: Aurora, DocumentDB and Neptune clusters. instance: RDS instances. An event says it itself.',
    },
    databases: {
      kind: 'list',
      description: 'Clusters or instances, by name or with * for anything; * alone sweeps all. Instead of snapshot-id and event.',
    },
    tags: {
      kind: 'list',
      description: 'Only databases that have all these tags, as Key=Value.',
    },
    snapshot: {
      kind: 'choice',
      of: ['newest', 'create'],
      default: 'newest',
      description: 'newest: the newest of each database that fits. create: a new manual one is taken first, of one database.',
    },
    'snapshot-id': { kind: 'text', description: 'One snapshot at the source, by name or ARN. Instead of databases and event.' },
    event: {
      kind: 'text',
      description:
        'An RDS event as JSON, as EventBridge sends it (toJSON(github.event.client_payload)). One that asks for no copy is ignored, with the reason.',
    },
    types: {
      kind: 'list',
      default: 'automated, manual',
      description: 'With newest: automated, manual or both.',
    },
    'snapshot-pattern': { kind: 'text', description: 'With newest: pattern of the snapshot’s name, with * for anything.' },
    'snapshot-tags': { kind: 'list', description: 'With newest: tags that the snapshot has, as Key=Value.' },
    'max-age': { kind: 'duration', description: 'With newest: an older one is refused.' },
    'snapshot-before': {
      kind: 'text',
      pattern: MOMENT,
      description: 'With newest: data taken after this moment is passed over, as 2026-11-20T03:00:00Z. Empty: none is.',
    },
    'source-site': {
      kind: 'text',
      description: 'Where the databases are: a site of the plan files. Instead of source-account and its fellows.',
    },
    'source-account': { kind: 'text', pattern: ACCOUNT, description: 'Account that owns the databases.' },
    'source-region': { kind: 'text', pattern: REGION, description: 'Region of the databases.' },
    'source-role-arn': { kind: 'text', pattern: ROLE, description: 'Role at the source. Empty: the credentials as they are.' },
    'source-external-id': { kind: 'text', description: 'External id that the role at the source demands.' },
    'destination-site': {
      kind: 'text',
      description: 'Where the copies go: a site of the plan files. Instead of destination-account and its fellows.',
    },
    'destination-account': { kind: 'text', pattern: ACCOUNT, description: 'Account that gets the copies.' },
    'destination-region': { kind: 'text', pattern: REGION, description: 'Region of the copies.' },
    'destination-role-arn': {
      kind: 'text',
      pattern: ROLE,
      description: 'Role at the destination. Empty: the credentials as they are.',
    },
    'destination-external-id': { kind: 'text', description: 'External id that the role at the destination demands.' },
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders that define the sites. Read only when a site is named.',
    },
    'kms-key': {
      kind: 'text',
      description:
        'Key of the destination’s Region for the copies: ARN, id or alias. Needed when an encrypted snapshot leaves its account or Region; leave it out for unencrypted clusters, which AWS cannot encrypt by copying.',
    },
    'transit-kms-key': {
      kind: 'text',
      description:
        'Customer-managed key of the source’s Region whose policy allows the destination’s account. Needed across accounts for snapshots under the default key or a key that AWS owns.',
    },
    'relay-kms-key': {
      kind: 'text',
      description:
        'With two steps: key of the source’s Region for the copy in the destination’s account. Empty: the shared snapshot’s.',
    },
    steps: {
      kind: 'choice',
      of: ['auto', 'one', 'two'],
      default: 'auto',
      description:
        'Across account and Region at once: in one step, in two (first within the source’s Region), or auto: one, and two when AWS refuses that.',
    },
    'option-group': { kind: 'text', description: 'Option group at the destination, for instances that need one.' },
    'copy-tags': { kind: 'list', description: 'More tags for the copies, as Key=Value; they win over those of the source.' },
    limit: {
      kind: 'text',
      pattern: { source: '^([1-9]|1[0-9]|20)$', means: 'a number from 1 to 20' },
      description: 'Copies in flight at once, fewer than AWS allows (5 of clusters, 20 of instances; other people’s count too).',
    },
    wait: {
      kind: 'boolean',
      default: 'true',
      description:
        'false: start what can be started now and end. The same step, run later, goes on and takes back what was shared.',
    },
    'max-wait': {
      kind: 'duration',
      default: '5h',
      description: 'How long to wait for everything together. After it AWS goes on, and the same step run again goes on too.',
    },
    retention: {
      kind: 'text',
      description:
        'Which of our copies stay: by-tag (the tag Draco_Lifecycle of the database), a preset (docs/retention.md), or a policy as YAML or JSON. Empty: all.',
    },
    'apply-retention': {
      kind: 'boolean',
      default: 'false',
      description: 'true: what retention lets go is deleted. false: a dry run, which only tells.',
    },
    rpo: {
      kind: 'duration',
      description:
        'How old the data of the newest good copy of each database may be. The step fails when it is older. Empty: no gate.',
    },
    'role-to-assume': {
      kind: 'text',
      pattern: ROLE,
      description:
        'Role to assume with the OIDC token of this job, before the roles of the sites. Empty: the credentials that the job already has.',
    },
    key: {
      kind: 'text',
      description:
        'Name of this deed, in the tags of what it makes; with create, the same key finds the snapshot it took. Empty: run, job and step.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the outcome into the job summary.' },
  },
  outputs: {
    status: {
      default: 'in-progress',
      description:
        'succeeded, succeeded-with-warnings, failed, timed-out, cancelled, in-progress, or skipped for an event that asks for nothing. The step fails on failed, timed-out and cancelled, and on in-progress unless wait is false.',
    },
    'reason-code': { default: 'interrupted', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The outcome as versioned JSON: breakwater.copy-snapshot/1, or breakwater.error/1 without one.',
    },
    duration: { default: '', description: 'How long this step took, in whole seconds.' },
    'snapshot-id': { default: '', description: 'The copy, when there was one to make.' },
    'snapshot-arn': { default: '', description: 'Its ARN.' },
    copies: { default: '[]', description: 'ARNs of all good copies that this step made or found, as a JSON list.' },
    stale: { default: '[]', description: 'Databases without a copy as young as rpo, as a JSON list.' },
    deleted: { default: '[]', description: 'Copies that retention deleted, as a JSON list.' },
    key: { default: '', description: 'The key that was used.' },
  },
} as const satisfies ActionDefinition;
