import { hostname } from 'node:os';
import { connect } from '@breakwater/aws';
import { asBreakwaterError, type Clock, type Mode, RefusedError, UserError } from '@breakwater/core';
import { execute, type Part, type ProveGate } from '@breakwater/engine';
import {
  createFold,
  type Execution,
  type ExecutionHeader,
  type ExecutionHistory,
  foldExecution,
  type JournalLine,
  type LockOwner,
  type Reason,
  type RecoveryLocks,
} from '@breakwater/history';
import { deeds } from '@breakwater/operations';
import { type Plan, planDefinition, planDigest, sitesInMode } from '@breakwater/plan';
import { evidenceJson, renderMarkdown } from '@breakwater/report';
import { USER_AGENT } from './connect-options.ts';
import { databaseSql } from './database-sql.ts';
import { checkExecutionId, newExecutionId } from './execution-id.ts';
import { executionLocks } from './execution-locks.ts';
import { type LoadedPlan, loadPlan } from './load-plan.ts';
import { type HistoryBranch, type OpenHistory, openHistory } from './open-history.ts';
import { TOOL } from './version.ts';

/** What a door (the CLI, an action) asks for, already typed and parsed. */
export interface RunRequest {
  /** Plan files or folders. */
  readonly files: readonly string[];
  /** Name of the plan; none: the only one in the files. */
  readonly plan?: string;
  readonly mode: Mode;
  /** Only these waves; none: all. */
  readonly waves: readonly string[];
  /** How much of the execution this process does; left out: `whole`. `end` needs the execution's id and takes no waves. */
  readonly part?: Part;
  /** Digest of the plan that somebody approved; another plan is refused. */
  readonly planDigest?: string;
  /** Execution to start under this id, or to resume; none: a new id is made. */
  readonly execution?: string;
  /** Folder of the history; with a branch, the local part of it. */
  readonly history: string;
  /** The branch that shares the history; none: the folder alone. */
  readonly branch?: HistoryBranch;
  /** Waves whose gate somebody has approved. */
  readonly approvals: readonly string[];
  /** Source servers whose live recovery instance may be replaced. */
  readonly replaceLive: readonly string[];
  readonly actor: string;
  /** The repository whose workflow this is; none: the name of this host. */
  readonly repository?: string;
  /** Page of the workflow run. */
  readonly page?: string;
  readonly commit?: string;
  /** Name of this process's own part of the record; none: `run-<n>`. Two processes at once need names of their own. */
  readonly run?: string;
}

/** How AWS is reached. */
export interface AwsAccess {
  /**
   * `default`: the SDK's chain. `static`: these and no others, so that a rehearsal never reads a person's own profile.
   * `web-identity`: a token source such as GitHub's OIDC, asked again before credentials expire.
   */
  readonly credentials:
    | { readonly kind: 'default' }
    | {
        readonly kind: 'static';
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | { readonly kind: 'web-identity'; readonly roleArn: string; readonly token: () => Promise<string> };
  /** The in-process simulator instead of the network. */
  readonly requestHandler?: object;
  /** Another address for every AWS service, as `http://127.0.0.1:4000`: the simulator over HTTP. */
  readonly endpoint?: string;
  /** Told every secret before it is used, so that a log can mask it. */
  readonly onSecret?: (secret: string) => void;
}

export interface RunEnvironment {
  readonly clock: Clock;
  /** Abort to stop: a marker is written, AWS goes on, and the outcome says how to resume. `signal.reason` names the cause (`SIGINT`). */
  readonly signal: AbortSignal;
  readonly aws: AwsAccess;
  /** True when AWS is the simulator; the record says so. */
  readonly simulated: boolean;
  /** Told every journal line once it is durable, and the execution as it then stands. */
  readonly observe?: (line: JournalLine, stream: string, execution: Execution) => void;
  /** Proves the gates that the request says are approved; none where no platform keeps approvals (a laptop): the actor vouches. */
  readonly proveGate?: ProveGate;
  /**
   * What keeps other executions off the same servers. Left out: the locks of the history. `none`: AWS ends with this process, so nobody
   * else can be there.
   */
  readonly locks?: RecoveryLocks | 'none';
  /** Stops the process of a drill whose servers a recovery needs, where its platform can. */
  readonly stopDrill?: (drill: LockOwner) => Promise<void>;
  /** Of the process: git needs it to reach a remote. Only for a history on a branch. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told what a person must know while the run goes on: a shared history that is gone, back, or was rewritten. */
  readonly warn?: (reason: Reason) => void;
  /** Told when the execution id is known, before anything starts. */
  readonly began?: (header: ExecutionHeader, place: string) => void;
}

export interface RunOutcome {
  readonly execution: Execution;
  /** Where its history lies. */
  readonly place: string;
  /** Where the Markdown report lies; none when it could not be written (the reason is then in `problems`). */
  readonly report?: string;
  /** SHA-256 of the ledger's entry that seals it: noted elsewhere, it proves the history up to it. None: it has no end, or no seal. */
  readonly seal?: string;
  readonly problems: readonly string[];
}

/**
 * Runs a plan, or resumes an execution of it: the one function behind `breakwater run` and the execute-wave action. Throws an error of
 * the family when nothing was started or the record could not be kept; everything else is in the outcome, the verdict first.
 */
export async function runPlan(request: RunRequest, environment: RunEnvironment): Promise<RunOutcome> {
  const loaded = await loadPlan(request.files, request.plan, request.waves);
  const { plan } = loaded;
  demandApprovedPlan(loaded, request.planDigest);
  demandKnownPart(request);
  demandKnownGates(plan, request.approvals);
  const told: string[] = [];
  const opened = await openHistory(request, {
    clock: environment.clock,
    actor: request.actor,
    onGithub: request.repository !== undefined,
    simulated: environment.simulated,
    purpose: request.mode,
    environment: environment.environment ?? {},
    signal: environment.signal,
    warn: (reason) => {
      told.push(reason.message);
      environment.warn?.(reason);
    },
  });
  let outcome: RunOutcome | undefined;
  try {
    outcome = await runIn(opened, request, loaded, environment);
  } finally {
    const left = await opened.close();
    if (left !== undefined) {
      told.push(left.message);
      environment.warn?.(left);
    }
  }
  return { ...outcome, problems: [...outcome.problems, ...told] };
}

async function runIn(
  { store, locks: sharedLocks }: OpenHistory,
  request: RunRequest,
  loaded: LoadedPlan,
  environment: RunEnvironment,
): Promise<RunOutcome> {
  const { clock, signal } = environment;
  const { plan, waves } = loaded;
  const set = sitesInMode(loaded.set, request.mode);
  const { execution: history } = await store.open(headerOf(request, loaded, environment));
  const { header } = history;
  await history.reopen(request.actor);
  environment.began?.(header, history.place);

  const past = await history.read();
  // Damage seen here is not counted yet: a torn line is repaired when its stream is opened. The fold at the end counts what is left.
  const fold = createFold(header);
  for (const [stream, lines] of past.streams) for (const line of lines) fold.apply(stream, line);
  const warnings: string[] = [];
  const observe = (line: JournalLine, stream: string) => {
    fold.apply(stream, line);
    if (line.type === 'locks-unavailable') {
      warnings.push(line.reason.message);
      environment.warn?.(line.reason);
    }
    environment.observe?.(line, stream, fold.execution());
  };
  const site = connect({
    clock,
    signal,
    onWarning: (error) => warnings.push(error.message),
    credentials: environment.aws.credentials,
    sessionName: header.id,
    userAgent: USER_AGENT,
    ...(environment.aws.requestHandler === undefined ? {} : { requestHandler: environment.aws.requestHandler }),
    ...(environment.aws.endpoint === undefined ? {} : { endpoint: environment.aws.endpoint }),
    ...(environment.aws.onSecret === undefined ? {} : { onSecret: environment.aws.onSecret }),
  });
  const context = {
    clock,
    signal,
    execution: header.id,
    mode: request.mode,
    set,
    plan,
    createdAt: header.createdAt,
    replaceLive: request.replaceLive,
  };

  const made = deeds(context, site, { sql: databaseSql() });
  const { locks = sharedLocks, stopDrill } = environment;
  const origin = {
    actor: request.actor,
    host: request.repository ?? hostname(),
    ...(request.page === undefined ? {} : { page: request.page }),
  };
  const locking =
    locks === 'none'
      ? undefined
      : executionLocks(header, context, {
          locks,
          origin,
          deedsIn: (other) => deeds({ ...other, set: sitesInMode(loaded.set, other.mode) }, site),
          ...(stopDrill === undefined ? {} : { stopDrill }),
        });

  const finish = async (): Promise<RunOutcome> => {
    // What lies on the disk is the record; what this process believes is not.
    const record = await history.read();
    const execution = foldExecution(header, record.streams, record.problems);
    const problems = [...record.problems, ...warnings];
    const kept = await keepReport(history, execution, clock, problems);
    return { execution, place: history.place, problems, ...kept };
  };
  try {
    await execute(
      {
        set,
        plan,
        mode: request.mode,
        waves: waves.map((wave) => wave.name),
        ...(request.part === undefined ? {} : { part: request.part }),
        approvals: request.approvals,
        run: request.run ?? `run-${1 + [...past.streams.keys()].filter((name) => name.startsWith('runs/')).length}`,
        actor: request.actor,
        tool: TOOL,
      },
      {
        clock,
        signal,
        history,
        deeds: made,
        observe,
        ...(locking === undefined ? {} : { locks: locking }),
        judge: () => fold.execution(),
        ...(environment.proveGate === undefined ? {} : { proveGate: environment.proveGate }),
      },
    );
  } catch (error) {
    await finish();
    throw error;
  }
  return await finish();
}

function headerOf(request: RunRequest, { set, plan }: LoadedPlan, { clock, simulated }: RunEnvironment): ExecutionHeader {
  const now = clock.now();
  return {
    schema: 'breakwater.execution/1',
    id: request.execution === undefined ? newExecutionId(plan.name, request.mode, now) : checkExecutionId(request.execution),
    mode: request.mode,
    createdAt: now,
    actor: request.actor,
    ...(request.commit === undefined ? {} : { commit: request.commit }),
    tool: TOOL,
    simulated,
    plan: {
      name: plan.name,
      digest: planDigest(set, plan.name),
      owner: plan.owner,
      tier: plan.tier,
      objectives: plan.objectives,
      waves: plan.waves.map(({ name, dependsOn }) => ({ name, dependsOn })),
      definition: planDefinition(set, plan.name),
    },
  };
}

/** What was approved is what runs. Throws `UserError` `plan-changed`. */
function demandApprovedPlan({ set, plan }: LoadedPlan, approved: string | undefined): void {
  if (approved === undefined) return;
  const found = planDigest(set, plan.name);
  if (found === approved.toLowerCase()) return;
  throw new UserError(
    'plan-changed',
    `plan "${plan.name}" is not the one that was approved: its digest is ${found.slice(0, 12)}…, not ${approved.slice(0, 12)}…`,
    {
      next: 'Start anew from the commit that shall run, and let it be approved again; or go back to the commit that was approved.',
    },
  );
}

function demandKnownPart({ part, execution, waves }: RunRequest): void {
  if (part !== 'end' || (execution !== undefined && waves.length === 0)) return;
  throw new UserError('usage', 'to end an execution takes its id, and no waves', {
    next: 'Name the execution, and leave the waves out.',
  });
}

function demandKnownGates(plan: Plan, approvals: readonly string[]): void {
  for (const name of approvals) {
    const wave = plan.waves.find((candidate) => candidate.name === name);
    if (wave === undefined) {
      throw new UserError('wave-unknown', `there is no wave "${name}" to approve in plan "${plan.name}"`, {
        next: `Approve one of: ${plan.waves.map((candidate) => candidate.name).join(', ')}.`,
      });
    }
    if (wave.gate === undefined) {
      throw new RefusedError('usage', `wave "${name}" has no gate: an approval of it would prove nothing`, {
        next: 'Leave the approval out, or add a gate to the wave in the plan.',
      });
    }
  }
}

/** Writes the verdict, the report and the evidence, and seals them. What fails here is told, and changes nothing of what was recovered. */
async function keepReport(
  history: ExecutionHistory,
  execution: Execution,
  clock: Clock,
  problems: string[],
): Promise<Pick<RunOutcome, 'report' | 'seal'>> {
  try {
    if (execution.verdict !== 'in-progress') {
      const { verdict, reason, rto, rpo } = execution;
      await history.conclude({
        verdict,
        reason,
        at: clock.now(),
        ...(rto.actual === undefined ? {} : { rto: rto.actual }),
        ...(rpo.actual === undefined ? {} : { rpo: rpo.actual }),
      });
    }
    const report = await history.writeFile('report.md', renderMarkdown(execution));
    if (execution.verdict === 'in-progress') return { report };
    await history.writeFile('evidence.json', `${JSON.stringify(evidenceJson(execution), undefined, 2)}\n`);
    const { entry } = await history.seal({ tool: TOOL, by: execution.header.actor, at: clock.now() });
    return { report, seal: entry };
  } catch (error) {
    problems.push(`the report could not be written: ${asBreakwaterError(error).message}`);
    return {};
  }
}
