import type { JsonValue } from './json.ts';
import type { FakeRepository, FakeRun } from './state.ts';
import {
  approvalView,
  attemptsOf,
  environmentView,
  idOf,
  type Places,
  repositoryView,
  rulesetView,
  rulesFor,
  runView,
} from './views.ts';

export interface FakeRequest {
  readonly repository: FakeRepository;
  readonly places: Places;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: JsonValue;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: JsonValue;
}

interface Route {
  readonly method: string;
  /** Below `/repos/{owner}/{repo}`. */
  readonly path: RegExp;
  /**
   * What a token needs, as GitHub names it in `X-Accepted-GitHub-Permissions`; see "Permissions required for GitHub Apps" in its REST
   * documentation.
   */
  readonly needs: string;
  readonly answer: (request: FakeRequest) => FakeAnswer;
}

export const NOT_FOUND: FakeAnswer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
};

const ok = (body: JsonValue): FakeAnswer => ({ status: 200, body });
const conflict = (message: string): FakeAnswer => ({ status: 409, body: { message, status: '409' } });
const unprocessable = (message: string): FakeAnswer => ({ status: 422, body: { message, status: '422' } });

/** The routes that the fake knows. Everything else is answered with 501 and counted as a failure of the test. */
export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: /^$/,
    needs: 'metadata=read',
    answer: ({ repository, places }) => ok(repositoryView(repository, places)),
  },
  {
    method: 'GET',
    path: /^\/environments$/,
    needs: 'actions=read',
    answer: ({ repository, places, query }) => {
      const all = Object.entries(repository.environments).map(([name, one]) => environmentView(repository, name, one, places));
      return ok({ total_count: all.length, environments: page(all, query) });
    },
  },
  {
    method: 'GET',
    path: /^\/environments\/([^/]+)$/,
    needs: 'actions=read',
    answer: ({ repository, places, parts }) => {
      // Names of environments are not case sensitive.
      const found = Object.entries(repository.environments).find(([name]) => name.toLowerCase() === parts[0]?.toLowerCase());
      return found === undefined ? NOT_FOUND : ok(environmentView(repository, ...found, places));
    },
  },
  {
    method: 'GET',
    path: /^\/environments\/([^/]+)\/deployment-branch-policies$/,
    needs: 'actions=read',
    answer: ({ repository, parts }) => {
      const patterns = repository.environments[parts[0] ?? '']?.branches;
      if (!Array.isArray(patterns)) return NOT_FOUND;
      return ok({
        total_count: patterns.length,
        branch_policies: patterns.map((name) => ({ id: idOf(name), name, type: 'branch' })),
      });
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/runs$/,
    needs: 'actions=read',
    answer: ({ repository, places, query }) => {
      const wanted = (run: FakeRun) =>
        (query.get('status') ?? run.status) === run.status && (query.get('event') ?? run.event) === run.event;
      const all = Object.entries(repository.runs).filter(([, run]) => wanted(run));
      const runs = all.map(([id, run]) => runView(repository, id, run, attemptsOf(run), places));
      return ok({ total_count: runs.length, workflow_runs: page(runs, query) });
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/runs\/(\d+)$/,
    needs: 'actions=read',
    answer: ({ repository, places, parts: [id = ''] }) => {
      const run = repository.runs[id];
      return run === undefined ? NOT_FOUND : ok(runView(repository, id, run, attemptsOf(run), places));
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/runs\/(\d+)\/attempts\/(\d+)$/,
    needs: 'actions=read',
    answer: ({ repository, places, parts: [id = '', attempt] }) => {
      const run = repository.runs[id];
      if (run === undefined || Number(attempt) < 1 || Number(attempt) > attemptsOf(run)) return NOT_FOUND;
      return ok(runView(repository, id, run, Number(attempt), places));
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/runs\/(\d+)\/approvals$/,
    needs: 'actions=read',
    answer: ({ repository, places, parts: [id = ''] }) => {
      const run = repository.runs[id];
      return run === undefined ? NOT_FOUND : ok(run.approvals.map((approval) => approvalView(repository, approval, places)));
    },
  },
  {
    method: 'POST',
    path: /^\/actions\/runs\/(\d+)\/cancel$/,
    needs: 'actions=write',
    answer: ({ repository, parts: [id = ''] }) => {
      const run = repository.runs[id];
      if (run === undefined) return NOT_FOUND;
      if (run.status === 'completed') return conflict('Cannot cancel a workflow run that is completed.');
      run.status = 'completed';
      run.conclusion = 'cancelled';
      return { status: 202, body: {} };
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/workflows$/,
    needs: 'actions=read',
    answer: ({ repository, query }) => {
      const all = repository.workflows.map((workflow) => ({ id: idOf(workflow.path), ...workflow }));
      return ok({ total_count: all.length, workflows: page(all, query) });
    },
  },
  {
    method: 'POST',
    path: /^\/actions\/workflows\/([^/]+)\/dispatches$/,
    needs: 'actions=write',
    answer: ({ repository, parts: [name = ''], body }) => {
      const known = repository.workflows.some((workflow) => workflow.path.endsWith(`/${name}`));
      if (!known) return NOT_FOUND;
      repository.dispatches.push({ to: name, body });
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: /^\/dispatches$/,
    needs: 'contents=write',
    answer: ({ repository, body }) => {
      if (textOf(body, 'event_type') === undefined) return unprocessable('Invalid request. "event_type" wasn\'t supplied.');
      repository.dispatches.push({ to: 'repository_dispatch', body });
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/oidc\/customization\/sub$/,
    needs: 'actions=read',
    answer: ({ repository: { settings } }) => {
      const { useDefault, claims, immutable, prefix } = settings.oidc;
      return ok({
        use_default: useDefault,
        ...(claims === undefined ? {} : { include_claim_keys: claims }),
        ...(immutable === undefined ? {} : { use_immutable_subject: immutable }),
        ...(prefix === undefined ? {} : { sub_claim_prefix: prefix }),
      });
    },
  },
  {
    method: 'GET',
    path: /^\/actions\/permissions\/workflow$/,
    needs: 'administration=read',
    answer: ({ repository: { settings } }) =>
      ok({
        default_workflow_permissions: settings.workflowPermissions,
        can_approve_pull_request_reviews: settings.mayApprovePullRequests,
      }),
  },
  {
    method: 'GET',
    path: /^\/actions\/permissions\/fork-pr-contributor-approval$/,
    needs: 'administration=read',
    answer: ({ repository: { settings, visibility } }) =>
      visibility === 'public' ? ok({ approval_policy: settings.forkApproval }) : NOT_FOUND,
  },
  {
    method: 'GET',
    path: /^\/actions\/permissions\/fork-pr-workflows-private-repos$/,
    needs: 'administration=read',
    answer: ({ repository: { settings, visibility } }) => {
      const { run, writeTokens, secrets, approval } = settings.privateForks;
      if (visibility === 'public') return NOT_FOUND;
      return ok({
        run_workflows_from_fork_pull_requests: run,
        send_write_tokens_to_workflows: writeTokens,
        send_secrets_and_variables: secrets,
        require_approval_for_fork_pr_workflows: approval,
      });
    },
  },
  {
    method: 'GET',
    path: /^\/branches\/([^/]+)$/,
    needs: 'contents=read',
    answer: ({ repository, parts: [name = ''] }) => {
      const branch = repository.branches[name];
      if (branch === undefined) return { status: 404, body: { message: 'Branch not found', status: '404' } };
      return ok({ name, commit: { sha: branch.sha }, protected: branch.protection !== undefined });
    },
  },
  {
    method: 'GET',
    path: /^\/branches\/([^/]+)\/protection$/,
    needs: 'administration=read',
    answer: ({ repository, parts: [name = ''] }) => {
      const protection = repository.branches[name]?.protection;
      if (protection === undefined) return { status: 404, body: { message: 'Branch not protected', status: '404' } };
      return ok({
        allow_force_pushes: { enabled: protection.allowForcePushes },
        allow_deletions: { enabled: protection.allowDeletions },
        ...(protection.restrictsPushes ? { restrictions: { users: [], teams: [], apps: [] } } : {}),
        ...(protection.requiresPullRequest
          ? { required_pull_request_reviews: { required_approving_review_count: protection.approvals ?? 1 } }
          : {}),
      });
    },
  },
  {
    method: 'GET',
    path: /^\/rules\/branches\/([^/]+)$/,
    needs: 'metadata=read',
    answer: ({ repository, parts: [name = ''], query }) => ok(page(rulesFor(repository, name), query)),
  },
  {
    method: 'GET',
    path: /^\/rulesets$/,
    needs: 'metadata=read',
    answer: ({ repository, query }) =>
      ok(
        page(
          repository.rulesets.map((one) => rulesetView(repository, one, false)),
          query,
        ),
      ),
  },
  {
    method: 'GET',
    path: /^\/rulesets\/(\d+)$/,
    needs: 'metadata=read',
    answer: ({ repository, parts: [id] }) => {
      const found = repository.rulesets.find(({ name }) => idOf(name) === Number(id));
      return found === undefined ? NOT_FOUND : ok(rulesetView(repository, found, true));
    },
  },
  {
    method: 'GET',
    path: /^\/contents\/(.+)$/,
    needs: 'contents=read',
    answer: ({ repository, parts: [path = ''] }) => {
      const text = repository.files[path];
      if (text !== undefined) {
        return ok({ type: 'file', path, encoding: 'base64', content: Buffer.from(text).toString('base64') });
      }
      const inside = Object.keys(repository.files).filter((file) => file.startsWith(`${path}/`));
      return inside.length === 0
        ? NOT_FOUND
        : ok(inside.map((file) => ({ type: 'file', path: file, name: file.split('/').at(-1) ?? '' })));
    },
  },
  {
    method: 'GET',
    path: /^\/pulls$/,
    needs: 'pull_requests=read',
    answer: ({ repository, places, query }) => {
      const [owner] = repository.fullName.split('/');
      const wanted = repository.pulls.filter(
        (pull) =>
          ['all', pull.state].includes(query.get('state') ?? 'open') &&
          (query.get('base') ?? pull.base) === pull.base &&
          [pull.head, `${owner}:${pull.head}`].includes(query.get('head') ?? pull.head),
      );
      return ok(
        page(
          wanted.map((pull) => pullView(repository, pull.number, places)),
          query,
        ),
      );
    },
  },
  {
    method: 'POST',
    path: /^\/pulls$/,
    needs: 'pull_requests=write',
    answer: ({ repository, places, body }) => {
      const [title, head, base] = [textOf(body, 'title'), textOf(body, 'head'), textOf(body, 'base')];
      if (title === undefined || head === undefined || base === undefined) return unprocessable('Validation Failed');
      if (repository.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
        return unprocessable(`Validation Failed: A pull request already exists for ${head}.`);
      }
      const number = repository.pulls.length + 1;
      repository.pulls.push({ number, title, head, base, body: textOf(body, 'body') ?? '', state: 'open' });
      return { status: 201, body: pullView(repository, number, places) };
    },
  },
  {
    method: 'PATCH',
    path: /^\/pulls\/(\d+)$/,
    needs: 'pull_requests=write',
    answer: ({ repository, places, parts: [number], body }) => {
      const pull = repository.pulls.find((each) => each.number === Number(number));
      if (pull === undefined) return NOT_FOUND;
      pull.title = textOf(body, 'title') ?? pull.title;
      pull.body = textOf(body, 'body') ?? pull.body;
      if (textOf(body, 'state') === 'closed') pull.state = 'closed';
      return ok(pullView(repository, pull.number, places));
    },
  },
  {
    method: 'GET',
    path: /^\/git\/ref\/(.+)$/,
    needs: 'contents=read',
    answer: ({ repository, parts: [ref] }) => refView(repository, `refs/${ref}`, 200),
  },
  {
    method: 'POST',
    path: /^\/git\/refs$/,
    needs: 'contents=write',
    answer: ({ repository, body }) => {
      const [ref, sha] = [textOf(body, 'ref'), textOf(body, 'sha')];
      if (ref === undefined || sha === undefined) return unprocessable('Validation Failed');
      if (repository.refs[ref] !== undefined) return unprocessable('Reference already exists');
      repository.refs[ref] = sha;
      return refView(repository, ref, 201);
    },
  },
  {
    method: 'DELETE',
    path: /^\/git\/refs\/(.+)$/,
    needs: 'contents=write',
    answer: ({ repository, parts: [ref] }) => {
      if (repository.refs[`refs/${ref}`] === undefined) return unprocessable('Reference does not exist');
      delete repository.refs[`refs/${ref}`];
      return { status: 204 };
    },
  },
];

function refView(repository: FakeRepository, ref: string, status: number): FakeAnswer {
  const sha = repository.refs[ref];
  return sha === undefined ? NOT_FOUND : { status, body: { ref, object: { type: 'commit', sha } } };
}

function pullView(repository: FakeRepository, number: number, { html }: Places): JsonValue {
  const pull = repository.pulls.find((each) => each.number === number);
  if (pull === undefined) return null;
  const { head, base, ...rest } = pull;
  return { ...rest, head: { ref: head }, base: { ref: base }, html_url: `${html}/${repository.fullName}/pull/${number}` };
}

function page(all: readonly JsonValue[], query: URLSearchParams): readonly JsonValue[] {
  const size = Math.min(100, Number(query.get('per_page') ?? '30'));
  const start = (Number(query.get('page') ?? '1') - 1) * size;
  return all.slice(start, start + size);
}

function textOf(body: JsonValue, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const value = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}
