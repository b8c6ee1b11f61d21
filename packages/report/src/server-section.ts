import type { Execution, ServerRecord } from '@breakwater/history';
import { drsJobLink, instanceLink, sourceServerLink } from './console-links.ts';
import { code, link, markdown } from './escape.ts';
import { isRecovered } from './facts.ts';
import { first, folded, type Section, table } from './section.ts';
import { count, duration, moment, statusWord, timeOfDay } from './words.ts';

const HEAD = [
  'Server',
  'Wave',
  'Site',
  'Status',
  'Data lost (RPA)',
  'Recovery point (UTC)',
  'Job',
  'Instance',
  'Launched (UTC)',
  'Proved (UTC)',
];

/** More servers than this are folded up. */
const MOST_OPEN = 20;

export function serverSection(execution: Execution): Section {
  const rows = execution.waves.flatMap((wave) => wave.servers.map((server) => ({ wave: wave.name, server })));
  return {
    title: 'Servers',
    worth: 4,
    render: (detail) => {
      if (rows.length === 0) return '';
      // In a shortened table those that were not recovered come first.
      const ordered =
        detail === 'full' ? rows : [...rows].sort((a, b) => Number(isRecovered(a.server)) - Number(isRecovered(b.server)));
      const { shown, rest } = first(ordered, detail === 'full' ? rows.length : 200);
      const body = `${table(
        HEAD,
        shown.map(({ wave, server }) => row(wave, server)),
      )}${rest}`;
      return `## Servers\n\n${rows.length > MOST_OPEN ? folded(count(rows.length, 'server'), body) : body}`;
    },
  };
}

function row(wave: string, server: ServerRecord): readonly string[] {
  const { id, name, site, account, region, criticality, status, rpa, jobId, instanceId } = server;
  const named = name === id ? '' : `${markdown(name)} `;
  return [
    `${named}${link(code(id), sourceServerLink(region, id))}`,
    markdown(wave),
    `${markdown(site)} (${markdown(account)}, ${markdown(region)})`,
    `${statusWord(status)}${criticality === 'optional' ? ' (optional)' : ''}`,
    duration(rpa),
    recoveryPoint(server),
    jobId === undefined ? '–' : link(code(jobId), drsJobLink(region, jobId)),
    instanceId === undefined ? '–' : link(code(instanceId), instanceLink(region, instanceId)),
    timeOfDay(server.launchedAt),
    timeOfDay(server.healthyAt),
  ];
}

function recoveryPoint({ recoveryPoint: planned, recoveryPointAt: at }: ServerRecord): string {
  if (planned === undefined) return moment(at);
  const wanted = planned === 'latest' ? 'latest' : code(planned);
  return at === undefined ? wanted : `${wanted}, ${moment(at)}`;
}
