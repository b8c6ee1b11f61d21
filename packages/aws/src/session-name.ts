/**
 * A role session name as STS takes it: `[\w+=,.@-]`, 2 to 64 characters. Runs of other characters become one `-`. It shows in
 * CloudTrail and in who AWS says started a job, so callers put the run's id in it.
 */
export function roleSessionName(wanted: string): string {
  const name = wanted
    .replace(/[^A-Za-z0-9_+=,.@-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 64);
  return name.length >= 2 ? name : 'breakwater';
}
