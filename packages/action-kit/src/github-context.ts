/** Who runs this, from where: what the record keeps of a GitHub run. Absent away from GitHub. */
export interface GithubContext {
  /** Who asked for it: the login that triggered this attempt, or the local user. */
  readonly actor: string;
  readonly commit: string | undefined;
  /** `owner/name`. */
  readonly repository: string | undefined;
  readonly runId: string | undefined;
  /** Counted from 1. */
  readonly runAttempt: number;
  readonly job: string | undefined;
  /** The step's id, or a name that the runner makes for it. */
  readonly step: string | undefined;
  readonly runUrl: string | undefined;
  readonly commitUrl: string | undefined;
  /** Whether a runner of GitHub Actions runs this: only there approvals are kept. */
  readonly onGithub: boolean;
  /** As `https://github.com`. */
  readonly serverUrl: string;
  /** Of the REST API; another one for GitHub Enterprise Server. */
  readonly apiUrl: string;
}

export function readGithubContext(environment: Readonly<Record<string, string | undefined>>): GithubContext {
  const read = (name: string) => environment[name] || undefined;
  const repository = read('GITHUB_REPOSITORY');
  const runId = read('GITHUB_RUN_ID');
  const attempt = Number(read('GITHUB_RUN_ATTEMPT') ?? '1');
  const commit = read('GITHUB_SHA');
  const home = [read('GITHUB_SERVER_URL'), repository];
  const urlOf = (...path: readonly (string | undefined)[]) => {
    const parts = [...home, ...path];
    return parts.includes(undefined) ? undefined : parts.join('/');
  };
  return {
    actor: read('GITHUB_TRIGGERING_ACTOR') ?? read('GITHUB_ACTOR') ?? read('USER') ?? read('USERNAME') ?? 'unknown',
    commit,
    repository,
    runId,
    runAttempt: Number.isInteger(attempt) && attempt > 0 ? attempt : 1,
    job: read('GITHUB_JOB'),
    step: read('GITHUB_ACTION'),
    runUrl: urlOf('actions', 'runs', runId, 'attempts', String(attempt)),
    commitUrl: urlOf('commit', commit),
    onGithub: read('GITHUB_ACTIONS') === 'true',
    serverUrl: read('GITHUB_SERVER_URL') ?? 'https://github.com',
    apiUrl: read('GITHUB_API_URL') ?? 'https://api.github.com',
  };
}
