import type { Plan } from '@breakwater/plan';
import type { EnvironmentFacts, GithubApi, RepositoryFacts } from '../api.ts';
import { branchMatches, openPattern } from './branch-pattern.ts';
import { type DoctorFinding, found } from './finding.ts';
import { recoveryEnvironments } from './recovery-environments.ts';
import type { WorkflowFile } from './workflows.ts';

/** What an environment is for, in the words of the plans and workflows that name it. */
interface Use {
  readonly opensGate: boolean;
  /** Its reviewers are all who are asked before a whole plan is recovered. */
  readonly asksForAll: boolean;
  /** Jobs that stand behind no gate recover in it. */
  readonly recovers: boolean;
  /** As `plan "webshop", wave "web"`. */
  readonly by: readonly string[];
}

/** The environments that plans name or in which workflows recover, and the gates that they open. */
export async function examineEnvironments(
  api: GithubApi,
  repository: RepositoryFacts,
  { plans, workflows }: { readonly plans: readonly Plan[]; readonly workflows: readonly WorkflowFile[] },
): Promise<readonly DoctorFinding[]> {
  const uses = usesOf(plans, workflows);
  const facts = new Map<string, EnvironmentFacts>();
  const findings: DoctorFinding[] = [];
  for (const [name, use] of uses) {
    const environment = await api.environment(name);
    if (environment === undefined) {
      const rules =
        use.opensGate || use.asksForAll ? 'switch on "Required reviewers"' : 'limit its deployment branches to protected ones';
      const todo = `Settings > Environments > New environment > ${name}: ${rules}.`;
      findings.push(found('GH010', `environment ${name}`, `it does not exist, and ${use.by.join(', ')} names it`, todo));
      continue;
    }
    facts.set(name, environment);
    if (use.opensGate || use.asksForAll) findings.push(...examineReviewers(environment, repository, use));
    findings.push(...(await examineBranches(api, repository, environment, use)));
  }
  return [
    ...findings,
    ...examineChains(plans, facts),
    ...examineShared(plans, facts),
    ...nameless(plans),
    ...computed(workflows),
  ];
}

function usesOf(plans: readonly Plan[], workflows: readonly WorkflowFile[]): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  const use = (name: string | undefined, by: string, { opensGate, asksForAll, recovers }: Partial<Use> = {}) => {
    // Names of environments are not case sensitive.
    const key = [...uses.keys()].find((known) => known.toLowerCase() === name?.toLowerCase()) ?? name;
    if (key === undefined) return;
    const known = uses.get(key);
    uses.set(key, {
      opensGate: opensGate === true || known?.opensGate === true,
      asksForAll: asksForAll === true || known?.asksForAll === true,
      recovers: recovers === true || known?.recovers === true,
      by: [...new Set([...(known?.by ?? []), by])],
    });
  };
  for (const { name, waves, environments } of plans) {
    for (const wave of waves)
      for (const one of gateEnvironments(wave)) use(one, `plan "${name}", wave "${wave.name}"`, { opensGate: true });
    use(environments?.recovery, `plan "${name}"`, { recovers: true });
    use(environments?.drill, `plan "${name}"`);
  }
  for (const { file, name, use: what } of recoveryEnvironments(workflows))
    use(name, file, { opensGate: what === 'gate', asksForAll: what === 'whole', recovers: what !== 'gate' });
  return uses;
}

function gateEnvironments({ gate }: Plan['waves'][number]): readonly string[] {
  if (gate === undefined) return [];
  return gate.environment === undefined ? (gate.environments ?? []) : [gate.environment];
}

function examineReviewers(
  environment: EnvironmentFacts,
  repository: RepositoryFacts,
  { opensGate, by }: Use,
): readonly DoctorFinding[] {
  const { name, reviewers, preventsSelfReview, adminsMayBypass, waitTimer } = environment;
  const subject = `environment ${name}`;
  const settings = `Settings > Environments > ${name}`;
  const findings: DoctorFinding[] = [];
  if (reviewers.length === 0) {
    const enterprise =
      repository.visibility === 'public' ? '' : ` (the repository is ${repository.visibility}: it takes GitHub Enterprise)`;
    const wrong = `it asks nobody, and ${opensGate ? 'opens a gate of' : 'everything is recovered in it by'} ${by.join(', ')}${enterprise}`;
    findings.push(found(opensGate ? 'GH011' : 'GH021', subject, wrong, `${settings}: switch on "Required reviewers".`));
  } else {
    if (!preventsSelfReview) {
      findings.push(
        found('GH012', subject, 'people may approve their own runs', `${settings}: switch on "Prevent self-review".`),
      );
    }
    if (reviewers.length === 1 && !reviewers[0]?.startsWith('team:')) {
      findings.push(found('GH015', subject, `only ${reviewers[0]} may approve`, `${settings}: add reviewers.`));
    }
  }
  if (adminsMayBypass && (opensGate || reviewers.length > 0)) {
    const todo = `${settings}: switch off "Allow administrators to bypass configured protection rules".`;
    // The action proves gates; of the reviewers of a whole failover only GitHub knows.
    const unnoticed = opensGate ? '' : ', and nothing would show that nobody approved';
    findings.push(found('GH013', subject, `administrators may bypass it${unnoticed}`, todo));
  }
  if (waitTimer > 0)
    findings.push(found('GH019', subject, `every job waits ${waitTimer} minutes`, `${settings}: remove the wait timer.`));
  return findings;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments#deployment-branches-and-tags */
async function examineBranches(
  api: GithubApi,
  { defaultBranch }: RepositoryFacts,
  { name, branches, reviewers }: EnvironmentFacts,
  { recovers }: Use,
): Promise<readonly DoctorFinding[]> {
  const subject = `environment ${name}`;
  const todo = `Settings > Environments > ${name} > Deployment branches and tags`;
  // Reviewers ask for every branch; without them the branch is all that stands before a recovery.
  const [rule, asks] =
    recovers && reviewers.length === 0 ? (['GH020', ', and nobody is asked'] as const) : (['GH014', ''] as const);
  if (branches === 'any') return [found(rule, subject, `any branch may use it${asks}`, `${todo}: choose protected branches.`)];
  if (branches === 'protected') {
    if ((await api.branch(defaultBranch))?.isProtected === true) return [];
    const wrong = `it is limited to protected branches, and ${defaultBranch} is not: with no protected branch at all, any may use it${asks}`;
    return [found(rule, subject, wrong, `Settings > Branches: protect ${defaultBranch}.`)];
  }
  const patterns = await api.branchPatterns(name);
  const open = openPattern(patterns);
  if (open !== undefined)
    return [found(rule, subject, `\`${open}\` lets any branch use it${asks}`, `${todo}: choose protected branches.`)];
  if (patterns.some((pattern) => branchMatches(pattern, defaultBranch))) return [];
  return [
    found(
      'GH018',
      subject,
      `${defaultBranch} is not among ${patterns.join(', ') || 'its branches'}`,
      `${todo}: add ${defaultBranch}.`,
    ),
  ];
}

/** Gates of one plan that the same approvals would open: GitHub tells of a run and an environment who approved, not of which job. */
function examineShared(plans: readonly Plan[], facts: ReadonlyMap<string, EnvironmentFacts>): readonly DoctorFinding[] {
  const of = (name: string) => [...facts].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  return plans.flatMap(({ name: plan, waves }) => {
    const users = new Map<string, { readonly waves: string[]; readonly names: readonly string[] }>();
    for (const wave of waves) {
      const chain = gateEnvironments(wave);
      const pair = chain.length > 1 ? [[...chain].sort()] : [];
      for (const names of [...chain.map((one) => [one]), ...pair]) {
        const key = names.join('\n').toLowerCase();
        users.set(key, { names: users.get(key)?.names ?? names, waves: [...(users.get(key)?.waves ?? []), wave.name] });
      }
    }
    return [...users.values()]
      .filter((each) => each.waves.length > 1)
      .flatMap(({ names, waves: shared }) => {
        const [first, ...rest] = names.map((name) => of(name)?.reviewers ?? []);
        const inAll = rest.length === 0 ? [] : (first ?? []).filter((one) => rest.every((reviewers) => reviewers.includes(one)));
        const open = names.length === 1 && of(names[0] ?? '')?.adminsMayBypass === true;
        if (!open && inAll.length === 0) return [];
        const why = open
          ? 'administrators may bypass it'
          : `${inAll.join(', ')} may approve ${names.length === 2 ? 'both' : 'all'}`;
        const wrong = `${names.join(' and ')} ${names.length === 1 ? 'opens' : 'open'} the gates of all, and ${why}`;
        const todo = `Settings > Environments: ${open ? 'switch the bypass off' : 'give each other reviewers'}, or give each gate environments of its own.`;
        return [found('GH023', `plan ${plan}, waves ${shared.join(' and ')}`, wrong, todo)];
      });
  });
}

/** Two environments with the same one person: the second approval could never be another's. */
function examineChains(plans: readonly Plan[], facts: ReadonlyMap<string, EnvironmentFacts>): readonly DoctorFinding[] {
  const of = (name: string) => [...facts].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1].reviewers ?? [];
  return plans.flatMap((plan) =>
    plan.waves.flatMap((wave) => {
      const chain = gateEnvironments(wave);
      const people = new Set(chain.flatMap(of));
      const teams = [...people].some((one) => one.startsWith('team:'));
      if (chain.length < 2 || teams || people.size === 0 || people.size >= chain.length) return [];
      const wrong = `${chain.join(' and ')} have only ${[...people].join(', ')} to approve them`;
      const todo = `Settings > Environments: give ${chain.join(' and ')} different reviewers.`;
      return [found('GH016', `plan ${plan.name}, wave ${wave.name}`, wrong, todo)];
    }),
  );
}

function nameless(plans: readonly Plan[]): readonly DoctorFinding[] {
  return plans.flatMap((plan) =>
    plan.waves
      .filter((wave) => wave.gate !== undefined && gateEnvironments(wave).length === 0)
      .map((wave) =>
        found(
          'GH017',
          `plan ${plan.name}, wave ${wave.name}`,
          'its gate names no environment',
          'Add `gate.environment` to the wave in the plan.',
        ),
      ),
  );
}

/** What is not looked at must not count as good. */
function computed(workflows: readonly WorkflowFile[]): readonly DoctorFinding[] {
  const files = new Set(recoveryEnvironments(workflows).flatMap(({ file, name }) => (name === undefined ? [file] : [])));
  const todo = 'Look at every environment that it may name, or write the name itself.';
  return [...files].map((file) => found('GH090', file, 'the environment in which it recovers is computed', todo));
}
