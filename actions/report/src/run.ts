import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Door, historyBranch, type Outcome, reasonText } from '@breakwater/action-kit';
import { openHistory } from '@breakwater/assembly';
import { asBreakwaterError, systemClock, UserError, type Verdict } from '@breakwater/core';
import { type Execution, type ExecutionHistory, foldExecution, type HistoryStore } from '@breakwater/history';
import { renderMarkdown, renderText, resultJson } from '@breakwater/report';
import type { definition } from './definition.ts';

type FailOn = Door<typeof definition>['inputs']['fail-on'];

/** Which verdicts fail the step, by the input that says so. */
const FAILING: Readonly<Record<FailOn, readonly Verdict[]>> = {
  never: [],
  failed: ['failed', 'cancelled', 'in-progress'],
  degraded: ['failed', 'cancelled', 'in-progress', 'degraded'],
};

/** Reads one execution from its record alone and shows it. Changes nothing in AWS, and calls nothing there. */
export async function report(door: Door<typeof definition>): Promise<Outcome> {
  const { inputs, github, annotations } = door;
  if (inputs.token !== undefined) door.mask(inputs.token);
  const branch = historyBranch(inputs, github);
  const { store, close } = await openHistory(
    { history: inputs.history, ...(branch === undefined ? {} : { branch }) },
    {
      clock: systemClock,
      actor: github.actor,
      onGithub: github.onGithub,
      simulated: false,
      purpose: 'read',
      environment: door.environment,
      warn: (reason) => annotations.warning('History', reasonText(reason)),
    },
  );
  try {
    return await reportFrom(store, door);
  } finally {
    const left = await close();
    if (left !== undefined) annotations.warning('History', reasonText(left));
  }
}

async function reportFrom(store: HistoryStore, door: Door<typeof definition>): Promise<Outcome> {
  const { inputs, outputs, annotations, log } = door;
  const history = await findExecution(store, inputs);
  const { streams, problems } = await history.read();
  const folded = foldExecution(history.header, streams);
  const execution: Execution = { ...folded, problems: [...new Set([...folded.problems, ...problems])] };
  outputs.set('execution-id', execution.header.id);
  outputs.set('plan', execution.header.plan.name);
  for (const problem of execution.problems) annotations.warning('Record', problem);

  await log.group('Report', () => log.info(renderText(execution)));
  const markdown = renderMarkdown(execution);
  if (inputs.summary) await door.summarise(markdown);
  try {
    outputs.set('report', await keep(history, markdown));
  } catch (error) {
    // A record on a read-only disk can still be shown.
    annotations.warning('Report', reasonText(asBreakwaterError(error)));
  }
  const { verdict, reason } = execution;
  const outcome = { status: verdict, reason: reason.code, result: resultJson(execution) };
  if (!FAILING[inputs['fail-on']].includes(verdict)) {
    if (verdict !== 'succeeded') annotations.warning(`Verdict: ${verdict}`, reasonText(reason));
    return outcome;
  }
  return {
    ...outcome,
    failure: { message: `the verdict is ${verdict}: ${reason.message}`, next: reason.next ?? 'Read the report.' },
  };
}

/** Where the report lies. One that was sealed with its execution stays as it is: another would break the seal. */
async function keep(history: ExecutionHistory, markdown: string): Promise<string> {
  const sealed = join(history.place, 'report.md');
  if (history.header.verdict !== undefined && existsSync(sealed)) return sealed;
  return history.writeFile('report.md', markdown);
}

async function findExecution(
  store: HistoryStore,
  inputs: Pick<Door<typeof definition>['inputs'], 'execution-id' | 'plan' | 'history'>,
): Promise<ExecutionHistory> {
  const { plan, history } = inputs;
  const given = inputs['execution-id'];
  const id = given ?? (await store.list()).find((header) => plan === undefined || header.plan.name === plan)?.id;
  const of = plan === undefined ? '' : ` of plan "${plan}"`;
  if (id === undefined) {
    throw new UserError('execution-unknown', `no execution${of} is in ${history}`, {
      next: 'Check the `history` input, and that an earlier step or a download brought the record here.',
    });
  }
  const found = await store.find(id);
  if (found === undefined || (plan !== undefined && found.header.plan.name !== plan)) {
    throw new UserError('execution-unknown', `no execution "${id}"${of} is in ${history}`, {
      next: 'Check the `execution-id` and `history` inputs; `breakwater report` on a laptop lists what there is.',
    });
  }
  return found;
}
