/**
 * The closed list of reasons. They are a public contract: outputs, journals, reports and docs/reason-codes.md use them, workflows
 * branch on them. A code is never renamed or given a second meaning; a new one is added here and documented there (a test holds that).
 */
export const REASON_CODES = {
  ok: 'Everything asked for was done and proved.',
  degraded: 'Done, but something optional failed or was skipped.',
  // The user's mistake
  usage: 'The command or an input is wrong.',
  'file-unreadable': 'A file is missing, is a directory, or cannot be read.',
  'plan-invalid': 'The plan files have errors; breakwater check lists them all.',
  'plan-unknown': 'No plan of that name is in the files.',
  'wave-unknown': 'No wave of that name is in the plan.',
  'selection-empty': 'A wave has nothing to recover: its protection groups select no server.',
  'selection-conflict': 'A server is selected twice, or by two waves.',
  'selection-unexpected': 'A protection group selects fewer or more servers than it expects.',
  'server-unknown': 'A source server named in the plan is not in DRS.',
  'recovery-point-missing': 'A server has no recovery point that fits the plan.',
  'execution-mismatch': 'That execution id belongs to another plan or mode.',
  'plan-changed': 'The plan is not the one this execution was started with.',
  'execution-ended': 'That execution is over; its drill instances were terminated.',
  'execution-unknown': 'No execution of that id is in the history.',
  // Refused by a guard
  'account-mismatch': 'The credentials belong to another account than the site.',
  'not-ready': 'Replication, or what a database needs, is not ready; a drill does not start.',
  'live-recovery-instance': 'A recovery instance is live; launching again would destroy it.',
  'server-busy': 'Another DRS job holds the server.',
  'dependency-unmet': 'A wave this one depends on has not succeeded.',
  'gate-closed': 'A human approval is needed before this wave.',
  'execution-locked': 'Another process runs this execution.',
  'servers-locked': 'Another execution holds a lock on a server or a database; it is named.',
  'pre-empted': 'A real recovery took the servers of this drill.',
  'gate-unproved': 'GitHub does not show that the right people approved; what is missing is named.',
  'run-untrusted': 'A run from a fork, or one without the rights it needs, may only check plans.',
  // GitHub
  'repository-unsound': 'The doctor found a gate that is not real, or something that would stop a failover in GitHub.',
  'github-permission': 'The token of the job lacks a permission; it is named.',
  'github-unavailable': 'GitHub could not be reached or kept failing.',
  'github-fault': 'GitHub answered with an error.',
  // An AWS fault
  'credentials-missing': 'No AWS credentials were found.',
  'credentials-expired': 'The AWS credentials have expired.',
  'credentials-invalid': 'AWS does not know or accept the credentials.',
  'permission-denied': 'AWS refused an action; the missing permission is named.',
  'drs-uninitialised': 'DRS was never initialised in that account and Region.',
  'key-not-accessible': 'A KMS key is missing, disabled or not allowed to us; the key and the statement are named.',
  'quota-exceeded': 'An AWS quota is exhausted; it is named.',
  throttled: 'AWS kept throttling us.',
  'aws-unavailable': 'AWS could not be reached or kept failing.',
  'aws-fault': 'AWS answered with an error.',
  // What a recovery can end in
  'server-failed': 'DRS did not launch a server.',
  'no-participants': 'The DRS job ended without having launched anything.',
  'instance-unhealthy': 'A recovered instance did not pass its EC2 status checks.',
  'agent-offline': 'The SSM agent of a recovered instance did not come online.',
  'automation-failed': 'An SSM automation did not succeed.',
  'command-failed': 'An SSM command did not succeed on every instance.',
  'dependency-failed': 'Not started, because something it depends on failed.',
  'not-applicable': 'Not for this mode, by the plan.',
  'rto-missed': 'Everything was recovered, but later than the recovery time objective allows.',
  'rpo-missed': 'Everything was recovered, but with more data lost than the recovery point objective allows.',
  'in-progress': 'Not everything has ended yet.',
  // Databases
  'manifest-invalid': 'A saved manifest of a cluster or an instance cannot be read as one.',
  'cluster-unknown': 'No database cluster, or instance, of that name is there.',
  'cluster-exists': 'A cluster or an instance of that name exists and was not made by this execution.',
  'global-database': 'The cluster is a member of an Aurora global database.',
  'deletion-protected': 'The cluster or instance is protected against deletion.',
  'engine-unavailable':
    'The engine version of the snapshot is not offered in the Region, or the engine is not one that is restored like this.',
  'snapshot-missing': 'No snapshot fits what was asked for.',
  'snapshot-unusable': 'The snapshot is not available, too old, or cannot be read here.',
  'point-in-time-unavailable': 'The automated backups of the source do not reach the moment that was asked for.',
  'snapshot-exists': 'A snapshot of that name exists and is not the copy that was asked for.',
  'copy-failed': 'AWS did not finish a copy of a snapshot.',
  'copy-stale': 'A database has no good copy that is as young as its recovery point objective asks.',
  'event-ignored': 'The event asks for no copy; the reason is named.',
  'restore-failed': 'AWS did not bring the restored database or one of its instances to life.',
  'users-failed': 'The database users could not be set up.',
  'verification-failed': 'The restored database is not as expected.',
  'swap-rolled-back': 'The restored database could not take the name of the old one; the old one has it again.',
  // Time, interruption, record
  'timed-out': 'A deadline passed. What AWS was doing may still go on.',
  interrupted: 'We were told to stop. What AWS was doing goes on; run the same execution again to resume.',
  'handed-over': 'The time of this job was over; the next job goes on with the same execution.',
  'history-unwritable': 'The history cannot be written.',
  'history-corrupt': 'The history was altered or damaged.',
  'history-unreachable': 'The remote of the history cannot be reached.',
  'history-rejected': 'The remote of the history does not take our writing: no permission, or a protected branch.',
  'history-rewritten': 'The history branch was rewritten by someone: what was recorded is no longer in it.',
  'report-failed': 'The work is done but the report could not be written.',
  'scenario-invalid': 'A simulator scenario or fault has errors.',
  internal: 'A fault of ours.',
} as const;

export type ReasonCode = keyof typeof REASON_CODES;

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASON_CODES, text);
}
