import { formatDuration } from '@breakwater/core';
import type { DatabaseRecord, Execution } from '@breakwater/history';
import { restoredLink } from './console-links.ts';
import { code, link, markdown } from './escape.ts';
import { isRecovered } from './facts.ts';
import { first, folded, type Section, table } from './section.ts';
import { count, duration, moment, statusWord } from './words.ts';

const HEAD = ['Database', 'Wave', 'Site', 'Status', 'Strategy', 'Data lost (RPA)', 'Data of (UTC)', 'Restored', 'Endpoint'];
const USERS_HEAD = ['Database', 'Users'];
const CHECKS_HEAD = ['Database', 'Check', 'Answer', 'Found'];

/** More databases than this are folded up. */
const MOST_OPEN = 20;

interface Place {
  readonly wave: string;
  readonly drill: boolean;
  readonly database: DatabaseRecord;
}

/** Every database with what was restored of it, what was done to its users, and what its verification found. */
export function databaseSection(execution: Execution): Section {
  const drill = execution.header.mode === 'drill';
  const places = execution.waves.flatMap(({ name, databases = [] }) =>
    databases.map((database) => ({ wave: name, drill, database })),
  );
  return {
    title: 'Databases',
    worth: 4,
    render: (detail) => {
      if (places.length === 0) return '';
      const ordered =
        detail === 'full'
          ? places
          : [...places].sort((a, b) => Number(isRecovered(a.database)) - Number(isRecovered(b.database)));
      const { shown, rest } = first(ordered, detail === 'full' ? places.length : 200);
      const body = `${table(HEAD, shown.map(row))}${rest}`;
      const users = first(shown.flatMap(userRows), detail === 'full' ? 500 : 50);
      const prepared = users.shown.length === 0 ? '' : `\n\n${table(USERS_HEAD, users.shown)}${users.rest}`;
      const checks = first(shown.flatMap(checkRows), detail === 'full' ? 500 : 50);
      const found = checks.shown.length === 0 ? '' : `\n\n${table(CHECKS_HEAD, checks.shown)}${checks.rest}`;
      return `## Databases\n\n${places.length > MOST_OPEN ? folded(count(places.length, 'database'), body) : body}${prepared}${found}`;
    },
  };
}

function row({ wave, drill, database }: Place): readonly string[] {
  const { name, cluster, instance, site, account, region, criticality, status, strategy, rpa, rpo, endpoint } = database;
  const { clusterId, instanceId = clusterId } = database;
  const kind = instance === undefined ? 'cluster' : 'instance';
  const source = instance ?? cluster ?? '';
  const of = kind === 'cluster' && name === source ? '' : ` (${kind} ${code(source)})`;
  const lost = rpo === undefined ? duration(rpa) : `${duration(rpa)} of ${formatDuration(rpo)} allowed`;
  return [
    `${markdown(name)}${of}`,
    markdown(wave),
    `${markdown(site)} (${markdown(account)}, ${markdown(region)})`,
    `${statusWord(status)}${criticality === 'optional' ? ' (optional)' : ''}`,
    drill ? drilled(database) : `${markdown(strategy)}${kept(database)}`,
    lost,
    origin(database),
    instanceId === undefined ? '–' : link(code(instanceId), restoredLink(region, database)),
    endpoint === undefined ? '–' : code(endpoint),
  ];
}

/** A drill restores beside, whatever the plan says; a record that shows the strategy at work is told as it is. */
function drilled(database: DatabaseRecord): string {
  const { strategy } = database;
  const left = kept(database);
  return strategy === 'new' || left !== '' ? `${markdown(strategy)}${left}` : `beside (a recovery: ${markdown(strategy)})`;
}

/** What is left of what was there before. */
function kept({ oldCluster, oldInstance = oldCluster, finalSnapshot }: DatabaseRecord): string {
  if (oldInstance !== undefined) return `, the old one is ${code(oldInstance)}`;
  return finalSnapshot === undefined ? '' : `, the old one's last state is snapshot ${code(finalSnapshot)}`;
}

/** What was restored: a snapshot with its time, or a moment. */
function origin({ snapshotId, snapshotAt, pointInTime }: DatabaseRecord): string {
  if (pointInTime !== undefined) return `point in time, ${moment(pointInTime)}`;
  if (snapshotId === undefined) return moment(snapshotAt);
  return snapshotAt === undefined ? code(snapshotId) : `${code(snapshotId)}, ${moment(snapshotAt)}`;
}

function userRows({ database }: Place): readonly (readonly string[])[] {
  return (database.users ?? []).map((note) => [markdown(database.name), markdown(note)]);
}

function checkRows({ database }: Place): readonly (readonly string[])[] {
  return (database.checks ?? []).map(({ check, ok, found }) => [
    markdown(database.name),
    markdown(check),
    ok ? 'holds' : '**does not hold**',
    markdown(found),
  ]);
}
