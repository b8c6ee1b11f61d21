import type { Door, Outcome } from '@breakwater/action-kit';
import { type Diagnosis, diagnose, diagnosisCounts, diagnosisJson, TOOL } from '@breakwater/assembly';
import { type Clock, UserError } from '@breakwater/core';
import { type DoctorFinding, githubApi } from '@breakwater/github';
import { code, markdown } from '@breakwater/report';
import { type definition, FAIL_ON } from './definition.ts';

/** Asks GitHub about the repository of this job, and says what is found where people look: on the run, in its summary, in the log. */
export async function examineRepository(door: Door<typeof definition>, clock: Clock): Promise<Outcome> {
  const { inputs, outputs, annotations, log, github, signal } = door;
  if (inputs.token === undefined || github.repository === undefined) {
    throw new UserError(
      'usage',
      inputs.token === undefined ? 'there is no token to ask GitHub with' : 'it is not known which repository is meant',
      {
        next: 'Run it in a workflow, which gives both.',
      },
    );
  }
  door.mask(inputs.token);
  const access = { url: github.apiUrl, token: inputs.token, clock, signal, userAgent: TOOL };
  const diagnosis = await diagnose(githubApi(github.repository, access), {
    files: inputs['plan-files'],
    workflows: inputs.workflows,
    historyBranch: inputs['history-branch'],
    ...(inputs.plan === undefined ? {} : { plan: inputs.plan }),
    ...(inputs['when-github-is-down'] === undefined ? {} : { whenGithubIsDown: inputs['when-github-is-down'] }),
  });
  const { findings } = diagnosis;
  const counts = diagnosisCounts(findings);
  outputs.set('errors', String(counts.errors));
  outputs.set('warnings', String(counts.warnings));
  outputs.set('notes', String(counts.notes));
  for (const { id, name, severity, subject, wrong, todo } of findings) {
    if (severity !== 'note') annotations[severity](`${id} ${name}`, `${subject}: ${wrong}\n${todo}`);
    log.info(`${severity} ${id} ${subject}: ${wrong}`);
  }
  if (inputs.summary) await door.summarise(summaryOf(diagnosis));
  return conclude(findings, inputs['fail-on'], diagnosisJson(diagnosis));
}

function conclude(findings: readonly DoctorFinding[], failOn: (typeof FAIL_ON)[number], result: string): Outcome {
  const failing = FAIL_ON.slice(0, FAIL_ON.indexOf(failOn) + 1);
  const bad = failOn === 'never' ? [] : findings.filter(({ severity }) => failing.includes(severity));
  const [first] = bad;
  if (first === undefined) return { status: 'succeeded', reason: 'ok', result };
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
  const message = `${first.id} ${first.subject}: ${first.wrong}${more}`;
  return { status: 'failed', reason: 'repository-unsound', result, failure: { message, next: first.todo } };
}

/** A summary has a megabyte, a reader has less. */
const MOST = 100;

function summaryOf({ repository, findings }: Diagnosis): string {
  const { errors, warnings, notes } = diagnosisCounts(findings);
  const head = ['## Doctor', '', `${markdown(repository)}: errors ${errors}, warnings ${warnings}, notes ${notes}.`, ''];
  if (findings.length === 0) return [...head, 'Nothing was found.', ''].join('\n');
  const rows = findings
    .slice(0, MOST)
    .map(
      ({ id, severity, subject, wrong, todo }) =>
        `| ${severity} | ${code(id)} | ${markdown(subject)} | ${markdown(wrong)} | ${markdown(todo)} |`,
    );
  const left = findings.length > MOST ? ['', `And ${findings.length - MOST} more.`] : [];
  return [
    ...head,
    '| | Finding | About | What is wrong | What to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...left,
    '',
  ].join('\n');
}
