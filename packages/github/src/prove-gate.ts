import { type Clock, RefusedError } from '@breakwater/core';
import type { Approval, GateProof } from '@breakwater/history';
import type { EnvironmentFacts, GithubApi, RepositoryFacts, ReviewFacts, RunFacts } from './api.ts';
import { openPattern } from './doctor/branch-pattern.ts';
import { judgeRules, type Lack } from './gate-rules.ts';
import type { JobClaims } from './job-claims.ts';

export interface GateRequest {
  readonly wave: string;
  /** Environments whose approvals open the gate: each needs one, all by different people. */
  readonly environments: readonly string[];
  readonly run: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Logins that the job knows as having asked for it, beside those that GitHub names. */
  readonly requesters: readonly string[];
  /** Claims of the job's OIDC token, asked for only when they decide; `undefined` when the job may not have one. */
  readonly claims: () => Promise<JobClaims | undefined>;
  readonly clock: Clock;
}

/**
 * Proves with GitHub that a wave's gate was opened by the right people: every environment demands reviewers and forbids self-review, and
 * for each of them somebody who may approve it, and who did not ask for the run, did so in this run. Throws `RefusedError`
 * `gate-unproved`, naming all that is missing, or what the API throws. docs/approvals.md says what is proved and what cannot be.
 */
export async function proveGate(api: GithubApi, request: GateRequest): Promise<GateProof> {
  const { wave, run: id, attempt, clock } = request;
  if (request.environments.length === 0) {
    throw unproved(wave, [
      {
        wrong: 'neither the plan nor the job names the environment whose reviewers approve it',
        next: 'Name it in the plan (`gate.environment`), or in `gate-environments` of the step.',
      },
    ]);
  }
  const run = await api.runAttempt(id, attempt);
  if (run === undefined) {
    throw unproved(wave, [
      {
        wrong: `GitHub knows no attempt ${attempt} of run ${id} in ${api.repositoryName}`,
        next: 'Give the step a token of the repository that the workflow runs in.',
      },
    ]);
  }
  const [repository, reviews, ...found] = await Promise.all([
    api.repository(),
    api.reviews(id),
    ...request.environments.map((name) => api.environment(name)),
  ]);
  const branchIsProtected = await isProtected(api, run, repository);
  const environments = await Promise.all(
    request.environments.map(async (name, i) => {
      const facts = found[i];
      // For a run of the default branch or of a protected one it does not matter which others the list lets in.
      const reviewed = branchIsProtected === true || (run.branch !== undefined && run.branch === repository?.defaultBranch);
      const listMatters = facts?.branches === 'selected' && !reviewed;
      const listIsOpen = listMatters && openPattern(await api.branchPatterns(facts.name)) !== undefined;
      return { name, facts, listIsOpen };
    }),
  );
  const requesters = new Set(
    [run.triggeringActor, run.actor, ...request.requesters].filter((login) => login !== undefined).map(folded),
  );
  const judged = environments.map(({ name, facts, listIsOpen }) =>
    judge(name, facts, { run, repository, branchIsProtected, listIsOpen, reviews, requesters }),
  );
  const lacks = [
    ...originLack(api, run),
    ...judged.flatMap(({ lacks: some }) => some),
    ...samePersonLack(judged),
    ...(await earlierAttemptLack(request, judged)),
  ];
  if (lacks.length > 0) throw unproved(wave, lacks);
  return {
    wave,
    requester: run.triggeringActor ?? run.actor ?? 'unknown',
    ...(run.actor === undefined || run.actor === run.triggeringActor ? {} : { firstRequester: run.actor }),
    approvals: judged.flatMap(({ approvals }) => approvals),
    rules: environments.flatMap(({ facts }) => (facts === undefined ? [] : [rulesOf(facts)])),
    ...(run.page === undefined ? {} : { run: run.page }),
    attempt,
    between: { ...(run.startedAt === undefined ? {} : { from: run.startedAt }), to: new Date(clock.now()).toISOString() },
    ...warningsOf([...judged.flatMap(({ warnings }) => warnings), ...botWarning(run)]),
  };
}

interface Judged {
  readonly name: string;
  readonly lacks: readonly Lack[];
  readonly warnings: readonly string[];
  readonly approvals: readonly Approval[];
  /** Why others who approved do not count. */
  readonly refused: readonly string[];
}

interface Around {
  readonly run: RunFacts;
  readonly repository: RepositoryFacts | undefined;
  readonly branchIsProtected: boolean | undefined;
  readonly listIsOpen: boolean;
  readonly reviews: readonly ReviewFacts[];
  /** Folded. */
  readonly requesters: ReadonlySet<string>;
}

function judge(name: string, facts: EnvironmentFacts | undefined, around: Around): Judged {
  const { lacks, warnings } = judgeRules(name, facts, around);
  // Without rules an approval could not have been asked for: that it is missing too would only hide why.
  if (facts === undefined || facts.reviewers.length === 0) return { name, lacks, warnings, approvals: [], refused: [] };
  const approved = around.reviews.filter(
    ({ state, environments }) => state === 'approved' && environments.some((one) => folded(one) === folded(name)),
  );
  const refused = new Set<string>();
  const approvals: Approval[] = [];
  for (const { login, isBot, comment } of approved) {
    const why = whyNot(login, isBot, facts, around.requesters);
    if (why !== undefined) refused.add(why);
    else if (login !== undefined && !approvals.some((one) => folded(one.login) === folded(login))) {
      approvals.push({ login, environment: facts.name, ...(comment === '' ? {} : { comment }) });
    }
  }
  if (approvals.length > 0) return { name, lacks, warnings, approvals, refused: [...refused] };
  const because =
    refused.size > 0
      ? `: ${[...refused].join('; ')}`
      : facts.adminsMayBypass
        ? ' (an administrator who starts waiting jobs leaves no approval)'
        : '';
  const lack = {
    wrong: `nobody who may has approved environment "${name}" in this run${because}`,
    next: `Start a new run, and let one of its reviewers approve it who did not ask for it (${facts.reviewers.join(', ')}).`,
  };
  return { name, lacks: [...lacks, lack], warnings, approvals: [], refused: [...refused] };
}

/** Why an approval does not count. */
function whyNot(
  login: string | undefined,
  isBot: boolean,
  { reviewers }: EnvironmentFacts,
  requesters: ReadonlySet<string>,
): string | undefined {
  if (login === undefined) return 'the account that approved is no longer there';
  if (isBot || login.endsWith('[bot]')) return `${login} is no person`;
  if (requesters.has(folded(login))) return `${login} asked for the run`;
  // Who belongs to a team is not told to the token of a job: GitHub itself let only its members approve.
  const named = reviewers.some((reviewer) => folded(reviewer) === folded(login) || reviewer.startsWith('team:'));
  return named ? undefined : `${login} is not among its reviewers`;
}

/** Two environments with one approver are one approval. */
function samePersonLack(judged: readonly Judged[]): readonly Lack[] {
  if (judged.some(({ approvals }) => approvals.length === 0)) return [];
  const choices = judged.map(({ approvals }) => approvals.map(({ login }) => folded(login)));
  if (allDifferent(choices)) return [];
  const people = [...new Set(judged.flatMap(({ approvals }) => approvals.map(({ login }) => login)))];
  return [
    {
      wrong: `${judged.length} different people have to approve (${judged.map(({ name }) => name).join(', ')}), and only ${people.join(', ')} did`,
      next: 'Start a new run, and let somebody else approve each environment; give them reviewers who do not overlap.',
    },
  ];
}

/** Whether a different person can be taken from each list. */
function allDifferent(choices: readonly (readonly string[])[], taken: ReadonlySet<string> = new Set()): boolean {
  const [next, ...rest] = choices;
  if (next === undefined) return true;
  return next.some((login) => !taken.has(login) && allDifferent(rest, new Set([...taken, login])));
}

/**
 * GitHub tells neither when nor in which attempt somebody approved. In the first attempt any approval is of this attempt. Later only the
 * job's own environment vouches: GitHub asked for its approval again in this attempt, or the job would not run. That approval may be any of the
 * run, so every one of them must count: who re-runs what somebody else has approved could approve it anew by themselves.
 */
async function earlierAttemptLack({ run, attempt, claims }: GateRequest, judged: readonly Judged[]): Promise<readonly Lack[]> {
  if (attempt === 1) return [];
  const found = await claims();
  const wrong = `this is attempt ${attempt} of the run, and GitHub does not tell in which attempt somebody approved`;
  if (found === undefined) {
    return [
      {
        wrong: `${wrong}; only the OIDC token of the job could`,
        next: 'Give the job `id-token: write`, or start a new run with the same execution-id, which is approved anew.',
      },
    ];
  }
  const { environment } = found;
  const here = found.run === run && found.attempt === attempt;
  const own = judged.find(({ name }) => here && environment !== undefined && folded(name) === folded(environment));
  if (own !== undefined && (own.refused.length === 0 || own.approvals.length === 0)) return [];
  if (own !== undefined) {
    return [
      {
        wrong: `${wrong}; of environment "${own.name}" that may be an approval that does not count: ${own.refused.join('; ')}`,
        next: 'Start a new run with the same execution-id, which is approved anew, and let somebody start it who approves nothing.',
      },
    ];
  }
  const stands = environment === undefined ? 'in no environment' : `in environment "${environment}"`;
  return [
    {
      wrong: `${wrong}; this job stands ${stands}, so nobody was asked again`,
      next: 'Put the job itself into the environment of the gate, or start a new run with the same execution-id, which is approved anew.',
    },
  ];
}

async function isProtected(
  api: GithubApi,
  { branch }: RunFacts,
  repository: RepositoryFacts | undefined,
): Promise<boolean | undefined> {
  if (branch === undefined || branch === repository?.defaultBranch) return undefined;
  return (await api.branch(branch))?.isProtected;
}

function originLack(api: GithubApi, run: RunFacts): readonly Lack[] {
  const { headRepository: head } = run;
  if (head === undefined || folded(head) === folded(api.repositoryName)) return [];
  return [{ wrong: `the run comes from ${head}`, next: `Run it from a branch of ${api.repositoryName}.` }];
}

function botWarning({ byBot, triggeringActor }: RunFacts): readonly string[] {
  if (!byBot) return [];
  return [
    `the run was started by ${triggeringActor ?? 'a bot'}: GitHub does not know who asked for it, so the approver may be the same`,
  ];
}

function rulesOf({ name, reviewers, preventsSelfReview, adminsMayBypass }: EnvironmentFacts): GateProof['rules'][number] {
  return { environment: name, reviewers, preventsSelfReview, adminsMayBypass };
}

function warningsOf(warnings: readonly string[]): { readonly warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}

/** Logins and names of environments are not case sensitive. */
function folded(name: string): string {
  return name.toLowerCase();
}

function unproved(wave: string, lacks: readonly Lack[]): RefusedError {
  const next = [...new Set(lacks.map((lack) => lack.next))];
  return new RefusedError(
    'gate-unproved',
    `the gate of wave "${wave}" is not proved: ${lacks.map(({ wrong }) => wrong).join('; ')}`,
    { next: `${next.join(' ')} If there is no time: \`breakwater run --approve\` from a shell (docs/break-glass.md).` },
  );
}
