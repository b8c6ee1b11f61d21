import type { Execution, RunRecord } from '@breakwater/history';
import { code, link, markdown, webAddress } from './escape.ts';
import { first, type Section, table } from './section.ts';
import { moment, verdictWord } from './words.ts';

/** Addresses that only the door knows. Anything but http(s) is left out. */
export interface ReportLinks {
  /** The workflow run. */
  readonly run?: string;
  /** The commit of the plan files. */
  readonly commit?: string;
  /** Where the history lies. */
  readonly history?: string;
}

/** Who did what, with which plan, as whom: what an auditor asks a year later. */
export function recordSection(execution: Execution, links: ReportLinks, seal: string | undefined): Section {
  return {
    title: 'Record',
    worth: 6,
    render: (detail) => {
      const { shown, rest } = first(execution.runs, detail === 'full' ? 100 : 20);
      const parts = ['## Record', table(['', ''], facts(execution, links, seal))];
      if (shown.length > 0) parts.push(`### Runs\n\n${table(RUN_HEAD, shown.map(runRow))}${rest}`);
      const identities = identityRows(execution);
      if (identities.length > 0)
        parts.push(`### Identities proved\n\n${table(['Site', 'Account', 'Region', 'ARN'], identities)}`);
      return parts.join('\n\n');
    },
  };
}

function facts(
  { header, startedAt, endedAt }: Execution,
  links: ReportLinks,
  seal: string | undefined,
): readonly (readonly string[])[] {
  const { plan } = header;
  const rows = [
    ['Execution', code(header.id)],
    ['Mode', header.mode],
    ['Plan', `${markdown(plan.name)} (owner ${markdown(plan.owner)}, tier ${plan.tier})`],
    ['Plan digest', code(plan.digest)],
    ['Commit', header.commit === undefined ? 'not known' : link(code(header.commit), webAddress(links.commit))],
    ['Asked for by', markdown(header.actor)],
    ['Asked for at (UTC)', moment(header.createdAt)],
    ['Started (UTC)', moment(startedAt)],
    ['Last wave ended (UTC)', moment(endedAt)],
    ['Tool', markdown(header.tool)],
    ['AWS', header.simulated ? '**simulated**' : 'real'],
  ];
  const run = webAddress(links.run);
  const history = webAddress(links.history);
  if (run !== undefined) rows.push(['Workflow run', link('open', run)]);
  if (history !== undefined) rows.push(['History', link('open', history)]);
  if (seal !== undefined) rows.push(['Seal', `${code(seal)}; noted elsewhere, it proves the history up to it`]);
  return rows;
}

const RUN_HEAD = ['Run', 'By', 'With', 'Started (UTC)', 'Ended (UTC)', 'Waves', 'Approved gates', 'Ended with'];

function runRow(run: RunRecord): readonly string[] {
  return [
    `${code(run.run)}${run.resumed ? ' (resumed)' : ''}`,
    markdown(run.actor),
    markdown(run.tool),
    moment(run.startedAt),
    moment(run.endedAt),
    run.waves.length === 0 ? 'all' : run.waves.map(markdown).join(', '),
    run.approvals.map(markdown).join(', '),
    ending(run),
  ];
}

function ending({ endedAt, interruptedBy, outcome }: RunRecord): string {
  const parts: string[] = [];
  if (interruptedBy !== undefined) parts.push(`interrupted by ${markdown(interruptedBy)}`);
  if (outcome !== undefined) parts.push(`${verdictWord(outcome.verdict)}: ${code(outcome.reason.code)}`);
  return parts.length > 0 ? parts.join('; ') : endedAt === undefined ? 'no end recorded' : '';
}

function identityRows({ runs }: Execution): readonly (readonly string[])[] {
  const rows = new Map<string, readonly string[]>();
  for (const { site, account, region, arn } of runs.flatMap((run) => run.identities)) {
    rows.set(JSON.stringify([site, account, region, arn]), [markdown(site), markdown(account), markdown(region), code(arn)]);
  }
  return [...rows.values()];
}
