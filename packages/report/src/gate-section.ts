import type { Execution, Json, StepRecord } from '@breakwater/history';
import { code, link, markdown, webAddress } from './escape.ts';
import { first, type Section, table } from './section.ts';
import { moment } from './words.ts';

const HEAD = ['Wave', 'Approved by', 'Environment', 'Comment', 'Asked for by', 'Approved (UTC)', 'Proof'];
const RULES_HEAD = ['Environment', 'Who may approve', 'Own runs', 'Administrators'];

/** Who opened the gates, and what proves it: the platform's own word, or only that of whoever ran it. */
export function gateSection(execution: Execution): Section {
  const gates = execution.waves.flatMap((wave) =>
    wave.steps.filter(isOpened).map((step) => ({ wave: wave.name, step, proof: proofOf(step) })),
  );
  return {
    title: 'Approvals',
    worth: 6,
    render: (detail) => {
      if (gates.length === 0) return '';
      const { shown, rest } = first(
        gates.flatMap(({ wave, step, proof }) => rows(wave, step, proof)),
        detail === 'full' ? 200 : 50,
      );
      const parts = [`## Approvals\n\n${table(HEAD, shown)}${rest}`];
      const rules = new Map(gates.flatMap(({ proof }) => ruleRows(proof)).map((row) => [row.join('|'), row]));
      if (rules.size > 0)
        parts.push(`The rules of the environments, when the gates were proved:\n\n${table(RULES_HEAD, [...rules.values()])}`);
      return parts.join('\n\n');
    },
  };
}

function isOpened(step: StepRecord): boolean {
  return step.kind === 'gate' && step.result !== undefined;
}

function proofOf(step: StepRecord): Json | undefined {
  return step.result?.['proved'] === true ? step.result['proof'] : undefined;
}

function rows(wave: string, step: StepRecord, proof: Json | undefined): readonly (readonly string[])[] {
  if (proof === undefined) {
    const why = textOf(step.result?.['unproved']) ?? 'nothing is recorded of it';
    const by = textOf(step.result?.['approvedBy']) ?? 'not known';
    return [
      [markdown(wave), markdown(by), '–', '', '–', moment(step.endedAt), `**none, ${markdown(by)} vouches**: ${markdown(why)}`],
    ];
  }
  const page = textOf(field(proof, 'run'));
  const attempt = field(proof, 'attempt');
  const read = `${link('the run', page === undefined ? undefined : webAddress(page))}${typeof attempt === 'number' ? `, attempt ${attempt}` : ''}`;
  return listOf(field(proof, 'approvals')).map((approval) => [
    markdown(wave),
    markdown(textOf(field(approval, 'login')) ?? 'not known'),
    code(textOf(field(approval, 'environment')) ?? ''),
    markdown(textOf(field(approval, 'comment')) ?? ''),
    requesters(proof),
    when(approval, proof),
    read,
  ]);
}

function requesters(proof: Json): string {
  const people = [field(proof, 'requester'), field(proof, 'firstRequester')].map(textOf).filter((name) => name !== undefined);
  return [...new Set(people)].map(markdown).join(', first ');
}

/** GitHub keeps no time of an approval: it lies between the start of the run and the moment that it was read. */
function when(approval: Json, proof: Json): string {
  const at = textOf(field(approval, 'at'));
  if (at !== undefined) return moment(Date.parse(at));
  const [from, to] = ['from', 'to'].map((name) => textOf(field(field(proof, 'between'), name)));
  if (to === undefined) return '–';
  return from === undefined ? `by ${moment(Date.parse(to))}` : `${moment(Date.parse(from))} to ${moment(Date.parse(to))}`;
}

function ruleRows(proof: Json | undefined): readonly (readonly string[])[] {
  return listOf(field(proof, 'rules')).map((rule) => [
    code(textOf(field(rule, 'environment')) ?? ''),
    listOf(field(rule, 'reviewers'))
      .map((one) => markdown(textOf(one) ?? ''))
      .join(', '),
    field(rule, 'preventsSelfReview') === true ? 'may not be approved' : '**may be approved**',
    field(rule, 'adminsMayBypass') === false ? 'may not bypass' : '**may bypass**',
  ]);
}

/** The record is open: a proof that a later version wrote may look different, and is shown as far as it is known. */
function field(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
