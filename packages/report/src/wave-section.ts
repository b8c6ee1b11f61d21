import type { Execution, WaveRecord } from '@breakwater/history';
import { changeLink, drsJobLink } from './console-links.ts';
import { code, link, markdown } from './escape.ts';
import { countRecovered, regionsOf } from './facts.ts';
import { first, type Section, table } from './section.ts';
import { count, statusWord, timeOfDay, took } from './words.ts';

const HEAD = ['Wave', 'Status', 'Started (UTC)', 'Took', 'Recovered', 'Failed', 'DRS jobs', 'Why'];

export function waveSection(execution: Execution): Section {
  const regions = regionsOf(execution);
  return {
    title: 'Waves',
    worth: 7,
    render: (detail) => {
      if (execution.waves.length === 0) return '';
      const { shown, rest } = first(execution.waves, detail === 'full' ? 500 : 50);
      return `## Waves\n\n${table(
        HEAD,
        shown.map((wave) => row(wave, regions)),
      )}${rest}`;
    },
  };
}

function row(wave: WaveRecord, regions: ReadonlyMap<string, string>): readonly string[] {
  const { failed, failedOptional } = countRecovered([...wave.servers, ...(wave.databases ?? [])]);
  const optional = failedOptional > 0 ? ` (${failedOptional} optional)` : '';
  return [
    markdown(wave.name),
    statusWord(wave.status),
    timeOfDay(wave.startedAt),
    took(wave.startedAt, wave.endedAt),
    recovered(wave),
    `${failed}${optional}`,
    jobs(wave, regions),
    wave.reason === undefined || wave.reason.code === 'ok' ? '' : `${code(wave.reason.code)}: ${markdown(wave.reason.message)}`,
  ];
}

/** As `3 of 3`, with databases as `3 of 3, 1 of 1 databases`. */
function recovered({ servers, databases = [] }: WaveRecord): string {
  const ofServers = countRecovered(servers);
  const ofDatabases = countRecovered(databases);
  const parts: string[] = [];
  if (ofServers.total > 0) parts.push(`${ofServers.recovered} of ${ofServers.total}`);
  if (ofDatabases.total > 0) parts.push(`${ofDatabases.recovered} of ${count(ofDatabases.total, 'database')}`);
  return parts.length === 0 ? '–' : parts.join(', ');
}

const MOST_JOBS = 5;

function jobs(wave: WaveRecord, regions: ReadonlyMap<string, string>): string {
  const links = new Map<string, string | undefined>();
  for (const step of wave.steps) {
    for (const { operation, id, site } of step.changes) {
      if (operation === 'drs:StartRecovery') links.set(id, changeLink(operation, id, regions.get(site)));
    }
  }
  for (const { jobId, region } of wave.servers) if (jobId !== undefined) links.set(jobId, drsJobLink(region, jobId));
  const shown = [...links].slice(0, MOST_JOBS).map(([id, url]) => link(code(id), url));
  return links.size > MOST_JOBS ? `${shown.join(', ')} and ${links.size - MOST_JOBS} more` : shown.join(', ');
}
