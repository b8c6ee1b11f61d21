import type { ActionDefinition } from '@breakwater/action-kit';

const ACCOUNT = { source: '^[0-9]{12}$', means: 'twelve digits' };
const REGION = { source: '^[a-z]{2,}(-[a-z]+)+-[0-9]+$', means: 'a Region as eu-central-1' };
const ROLE = { source: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$', means: 'the ARN of an IAM role' };
const MOMENT = {
  source: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$',
  means: 'date, time and time zone as 2026-11-20T03:00:00Z',
};
const IDENTIFIER = {
  source: '^[A-Za-z](-?[A-Za-z0-9]){0,62}$',
  means: 'an identifier of RDS: up to 63 letters, digits and single hyphens, beginning with a letter',
};
const CLASS = { source: '^db\\.[a-z0-9.-]+$', means: 'an instance class as db.r6g.large' };
const NUMBER = { source: '^[0-9]+(\\.5)?$', means: 'a number' };
const POINT = { source: `^(latest|${MOMENT.source.replace(/^\^|\$$/g, '')})$`, means: `latest, or ${MOMENT.means}` };
const ZONE = { source: '^Z[A-Z0-9]{1,31}$', means: 'the id of a hosted zone as Z0123456789ABC' };
const DNS_NAME = {
  source: '^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$',
  means: 'a whole DNS name without a dot at the end, as db.webshop.internal',
};
const SECONDS = { source: '^[1-9][0-9]{0,4}$', means: 'a whole number of seconds' };
const ARN = { source: '^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$', means: 'the ARN of an SNS topic' };

/** Inputs and outputs of `restore-aurora`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'restore-aurora',
  title: 'Breakwater: restore Aurora',
  description:
    'Restores an Aurora cluster, or an RDS instance, from a snapshot or to a point in time and makes it usable: instances, password, users, checks, name, endpoint.',
  branding: { icon: 'database', color: 'blue' },
  onlyTrusted: true,
  inputs: {
    operation: {
      kind: 'choice',
      of: ['restore', 'delete-old', 'clean-up', 'clean-up-expired'],
      default: 'restore',
      description:
        'restore. delete-old: delete the old cluster or instance that the swap with this key has kept. clean-up: delete what the drill with this key has left. clean-up-expired: delete every database of a drill whose time is over.',
    },
    mode: {
      kind: 'choice',
      of: ['recovery', 'drill'],
      default: 'recovery',
      description:
        'recovery: as asked. drill: always beside, under a name of its own that expires; nothing live is touched and no endpoint is published.',
    },
    'source-cluster': {
      kind: 'text',
      pattern: IDENTIFIER,
      description: 'Aurora cluster that is restored. It or source-instance is needed for restore and delete-old.',
    },
    'source-instance': {
      kind: 'text',
      pattern: IDENTIFIER,
      description: 'Instead of a cluster: RDS instance, of no cluster, that is restored.',
    },
    snapshot: {
      kind: 'text',
      default: 'newest',
      description: 'newest, create (take one now of the live source), or the name or ARN of a snapshot.',
    },
    'point-in-time': {
      kind: 'text',
      pattern: POINT,
      description:
        'Instead of a snapshot: latest, or a moment as 2026-11-20T03:15:00Z that the automated backups of the live source reach. In its own account and Region only.',
    },
    'snapshot-types': {
      kind: 'list',
      default: 'automated,manual',
      description: 'With newest: automated, manual or both. Copies are manual.',
    },
    'snapshot-pattern': { kind: 'text', description: 'With newest: what its name must look like; * stands for anything.' },
    'snapshot-tags': { kind: 'text', description: 'With newest: tags that it must carry, as a YAML or JSON object.' },
    'max-age': { kind: 'duration', description: 'With newest: an older one is refused, as 26h. Empty: any age.' },
    'snapshot-before': {
      kind: 'text',
      pattern: MOMENT,
      description: 'With newest: data taken after this moment is passed over, as 2026-11-20T03:00:00Z. Empty: none is.',
    },
    strategy: {
      kind: 'choice',
      of: ['new', 'swap', 'replace'],
      default: 'new',
      description:
        'new: beside whatever is there. swap: restored beside, proved, then it takes the old name; the old one is kept. replace: the old one is DELETED first.',
    },
    'target-cluster': {
      kind: 'text',
      pattern: IDENTIFIER,
      description:
        'Identifier of the restored cluster. Default: the source’s for swap and replace, one made of it and the key for new.',
    },
    'target-instance': {
      kind: 'text',
      pattern: IDENTIFIER,
      description: 'The same of an instance.',
    },
    site: {
      kind: 'text',
      description: 'Where the cluster shall stand: a site of the plan files. Instead of account and region.',
    },
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders that define sites. Read only when one is named.',
    },
    account: {
      kind: 'text',
      pattern: ACCOUNT,
      description: 'Account where the cluster shall stand; other credentials are refused.',
    },
    region: { kind: 'text', pattern: REGION, description: 'Region where the cluster shall stand.' },
    'role-arn': {
      kind: 'text',
      pattern: ROLE,
      description: 'Role there, assumed for every call. Empty: the credentials as they are.',
    },
    'external-id': { kind: 'text', description: 'External id that this role demands.' },
    'source-site': {
      kind: 'text',
      description:
        'Where the snapshot is, if elsewhere: it is copied first. A site of the plan files, instead of source-account.',
    },
    'source-account': { kind: 'text', pattern: ACCOUNT, description: 'Account of the snapshot. Empty: the same.' },
    'source-region': { kind: 'text', pattern: REGION, description: 'Region of the snapshot. Empty: the same.' },
    'source-role-arn': { kind: 'text', pattern: ROLE, description: 'Role at the source.' },
    'source-external-id': { kind: 'text', description: 'External id that the role at the source demands.' },
    'kms-key': {
      kind: 'text',
      description: 'Key of the restored cluster (and of the copy, if one is made), of its own Region. Empty: the snapshot’s.',
    },
    'transit-kms-key': {
      kind: 'text',
      description: 'Customer key at the source for the copy on the way, when the snapshot is automated or under a default key.',
    },
    manifest: {
      kind: 'text',
      description:
        'File that `breakwater capture` wrote, with settings and instances. Empty: the live source cluster is asked. Needed for replace.',
    },
    'subnet-group': { kind: 'text', description: 'DB subnet group. Empty: as in the manifest.' },
    'security-groups': { kind: 'list', description: 'VPC security groups (sg-…). Empty: as in the manifest.' },
    'parameter-group': { kind: 'text', description: 'Parameter group of the cluster or instance. Empty: as in the manifest.' },
    port: { kind: 'text', pattern: NUMBER, description: 'Port, 1150 to 65535. Empty: as in the manifest.' },
    'instance-classes': {
      kind: 'list',
      description:
        'Classes of the instances, the writer first (db.r6g.large or db.serverless). Empty: instances as in the manifest.',
    },
    'instance-class': { kind: 'text', pattern: CLASS, description: 'Class of an instance. Empty: as in the manifest.' },
    'multi-az': {
      kind: 'boolean',
      description: 'Whether an instance has a standby in another zone. Empty: as in the manifest.',
    },
    'availability-zone': { kind: 'text', description: 'Zone of an instance without a standby. Empty: as in the manifest.' },
    'option-group': { kind: 'text', description: 'Option group of an instance. Empty: as in the manifest.' },
    'storage-type': {
      kind: 'text',
      description:
        'aurora or aurora-iopt1 of a cluster; gp2, gp3, io1, io2 or standard of an instance. Empty: as in the manifest.',
    },
    iops: {
      kind: 'text',
      pattern: NUMBER,
      description: 'Of an instance with io1, io2 or a large gp3. Empty: as in the manifest.',
    },
    'storage-throughput': {
      kind: 'text',
      pattern: NUMBER,
      description: 'MiB a second of an instance with a large gp3. Empty: as in the manifest.',
    },
    'publicly-accessible': {
      kind: 'boolean',
      description: 'Whether an instance has a public address. Empty: as in the manifest.',
    },
    'serverless-min': { kind: 'text', pattern: NUMBER, description: 'Serverless v2: least capacity units, in halves.' },
    'serverless-max': { kind: 'text', pattern: NUMBER, description: 'Serverless v2: most capacity units, in halves.' },
    'iam-authentication': { kind: 'boolean', description: 'IAM database authentication. Empty: as in the manifest.' },
    'deletion-protection': {
      kind: 'boolean',
      description: 'Whether the restored cluster is protected against deletion. Empty: as in the manifest; a drill’s never is.',
    },
    'data-api': {
      kind: 'boolean',
      description: 'Whether its Data API is on. Empty: as in the manifest, and on where users or checks need it.',
    },
    'log-exports': { kind: 'list', description: 'Logs sent to CloudWatch, as postgresql. Empty: as in the manifest.' },
    'backup-retention-days': {
      kind: 'text',
      pattern: NUMBER,
      description: 'Automated backups, 1 to 35 days, of an instance also 0: none. Empty: as in the manifest.',
    },
    tags: { kind: 'text', description: 'More tags for the cluster, as a YAML or JSON object.' },
    'master-password': {
      kind: 'choice',
      of: ['keep', 'managed', 'secret'],
      default: 'keep',
      description:
        'keep: the source’s. managed: RDS makes a new one in a secret of its own. secret: the password in master-secret is set.',
    },
    'master-secret': {
      kind: 'text',
      description: 'Secret {username, password} of the master user; with keep it must hold the source’s, for users and checks.',
    },
    'master-secret-kms-key': { kind: 'text', description: 'With managed: key of the secret. Empty: the default one.' },
    'users-secret': {
      kind: 'text',
      description:
        'Secret {app_username, app_password, readonly_username, readonly_password}: these roles are created or altered.',
    },
    'users-database': {
      kind: 'text',
      description:
        'Database whose tables they may use. Empty: the one in that secret, or in the master user’s, or the cluster’s own.',
    },
    checks: {
      kind: 'text',
      description: 'What must hold afterwards, as a YAML list; see docs/restore-aurora.md. A failed one fails the restore.',
    },
    connection: {
      kind: 'choice',
      of: ['data-api', 'direct'],
      description:
        'How users and checks reach the database. direct: this runner is inside the VPC. Empty: data-api of a cluster, direct of an instance, which has no Data API.',
    },
    'connection-timeout': {
      kind: 'duration',
      default: '15s',
      description: 'With connection direct: how long a connection may take to be made.',
    },
    'publish-parameter': { kind: 'text', description: 'SSM parameter that gets the host name of the writer.' },
    'publish-reader-parameter': { kind: 'text', description: 'SSM parameter that gets the host name of the readers.' },
    'publish-secret': {
      kind: 'text',
      description:
        'Secret with a JSON object in which host, readerHost, port, engine and dbClusterIdentifier (or dbInstanceIdentifier) are set; the rest is kept.',
    },
    'publish-dns-zone': {
      kind: 'text',
      pattern: ZONE,
      description: 'Id of the hosted zone of Route 53 that holds publish-dns-name.',
    },
    'publish-dns-name': {
      kind: 'text',
      pattern: DNS_NAME,
      description:
        'Name in the zone that gets a CNAME to the writer. Anything else than a plain CNAME under it is refused, not overwritten.',
    },
    'publish-dns-reader-name': {
      kind: 'text',
      pattern: DNS_NAME,
      description: 'Name in the zone that gets a CNAME to the readers.',
    },
    'publish-dns-ttl': {
      kind: 'text',
      pattern: SECONDS,
      description: 'TTL of the CNAMEs in seconds, 1 to 86400. Empty: 60.',
    },
    'publish-dns-site': {
      kind: 'text',
      description: "Site of the plan files in whose account the zone is. Empty: the cluster's.",
    },
    archive: {
      kind: 'choice',
      of: ['none', 'tag', 'vault', 'export'],
      default: 'none',
      description:
        'What becomes of the snapshot. tag: marked with the time. vault: copied to vault-site. export: Parquet in S3, from which no cluster can be restored.',
    },
    'vault-site': { kind: 'text', description: 'With vault: site of the plan files.' },
    'vault-kms-key': { kind: 'text', description: 'With vault: key there.' },
    'export-bucket': { kind: 'text', description: 'With export: S3 bucket.' },
    'export-prefix': { kind: 'text', description: 'With export: prefix in the bucket.' },
    'export-role-arn': { kind: 'text', pattern: ROLE, description: 'With export: role that RDS takes on to write.' },
    'export-kms-key': { kind: 'text', description: 'With export: key of the files.' },
    'notify-topic': { kind: 'text', pattern: ARN, description: 'SNS topic that is told the end, good or bad.' },
    'final-snapshot': {
      kind: 'boolean',
      default: 'true',
      description: 'With replace and delete-old: a final snapshot of the old cluster is taken.',
    },
    'lift-protection': {
      kind: 'boolean',
      default: 'false',
      description:
        'With replace and delete-old: deletion protection of the old cluster may be switched off. Without it a protected cluster is refused.',
    },
    'drill-ttl': { kind: 'duration', default: '24h', description: 'With mode drill: when the cluster counts as expired.' },
    'role-to-assume': {
      kind: 'text',
      pattern: ROLE,
      description:
        'Role to assume with the OIDC token of this job, before the roles of the sites. Empty: the credentials that the job already has.',
    },
    wait: {
      kind: 'boolean',
      default: 'true',
      description:
        'With restore. false: start what can be started now and end. The same step, run later, goes on; between the deletion of a cluster and its restore, and between the renames of a swap, it never ends.',
    },
    'max-wait': {
      kind: 'duration',
      default: '5h',
      description: 'How long to wait for the end. After it AWS goes on, and the same step run again goes on too.',
    },
    key: {
      kind: 'text',
      description:
        'What makes this one deed: the same key adopts what it made earlier. Empty: run, job and step; legs of a matrix each need one of their own. Give the key of the drill to clean it up.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the outcome into the job summary.' },
  },
  outputs: {
    status: {
      default: 'in-progress',
      description:
        'succeeded, succeeded-with-warnings, failed, timed-out, cancelled or in-progress. The step fails on failed, timed-out and cancelled, and on in-progress unless wait is false and that was all that was asked for.',
    },
    'reason-code': { default: 'interrupted', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The outcome as versioned JSON: breakwater.restore-aurora/1, or breakwater.error/1 without one.',
    },
    duration: { default: '', description: 'How long this step took, in whole seconds.' },
    cluster: { default: '', description: 'Identifier of the restored cluster.' },
    'cluster-arn': { default: '', description: 'Its ARN.' },
    instance: { default: '', description: 'Identifier of the restored instance, with source-instance.' },
    'instance-arn': { default: '', description: 'Its ARN.' },
    endpoint: { default: '', description: 'Host name of the writer.' },
    'reader-endpoint': { default: '', description: 'Host name of the readers.' },
    port: { default: '', description: 'Port.' },
    instances: { default: '[]', description: 'Its instances, the writer first, as a JSON list.' },
    snapshot: { default: '', description: 'ARN of the snapshot that was restored.' },
    'snapshot-time': {
      default: '',
      description: 'When the original of it was taken, or with point-in-time that moment, ISO 8601: the recovery point.',
    },
    'master-secret-arn': { default: '', description: 'Secret that RDS keeps the master password in, with managed.' },
    'old-cluster': {
      default: '',
      description: 'What the old cluster is called after a swap. It is kept until somebody deletes it.',
    },
    'old-instance': { default: '', description: 'The same of an instance.' },
    'final-snapshot': { default: '', description: 'Final snapshot of what was replaced.' },
    key: { default: '', description: 'The key that was used, for a later step that cleans up or goes on.' },
  },
} as const satisfies ActionDefinition;
