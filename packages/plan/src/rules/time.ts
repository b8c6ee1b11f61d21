import { formatDuration, type Mode } from '@breakwater/core';
import type { Action, Wave } from '../model.ts';
import { topologicalOrder } from '../order.ts';
import { show } from '../schema.ts';
import type { Path } from '../yaml-file.ts';
import { actionsOf, type Check, type PlanDraft } from './context.ts';
import { databasesOf } from './databases.ts';

const LONGEST = 366 * 24 * 3_600_000;
/** The recorded drill's launches took 8 min 53 s and 9 min 0 s, without any proof that the instances work. */
const SHORTEST_TIMEOUT = 10 * 60_000;

/** The timeout of a wave bounds its servers; without any it bounds nothing. */
function launches(wave: Wave): boolean {
  return wave.groups.length > 0 || (wave.databases ?? []).length === 0;
}

/** Every wait of a plan: the timeouts of waves and databases, and the actions' maxWait. */
function waitsOf(plan: PlanDraft): readonly { readonly ms: number; readonly path: Path; readonly what: string }[] {
  return [
    ...plan.value.waves.filter(launches).map((wave) => ({
      ms: wave.timeout,
      path: [...plan.pathOf(wave), 'timeout'],
      what: `the timeout of wave ${show(wave.name)}`,
    })),
    ...databasesOf(plan.value).map(({ database }) => ({
      ms: database.timeout,
      path: [...plan.pathOf(database), 'timeout'],
      what: `the timeout of database ${show(database.name)}`,
    })),
    ...actionsOf(plan.value).map(({ action }) => ({
      ms: action.maxWait,
      path: [...plan.pathOf(action), 'maxWait'],
      what: `the maxWait of action ${show(action.name)}`,
    })),
  ];
}

export const durationsInRange: Check = (context) => {
  for (const plan of context.plans) {
    const { objectives, readiness } = plan.value;
    const rows = [
      { ms: objectives.rto, path: ['objectives', 'rto'], what: 'the RTO', zero: false },
      { ms: objectives.rpo, path: ['objectives', 'rpo'], what: 'the RPO', zero: true },
      { ms: readiness.maxLag, path: ['readiness', 'maxLag'], what: 'the lag', zero: true },
      ...waitsOf(plan).map((wait) => ({ ...wait, zero: false })),
      ...databasesOf(plan.value).flatMap(({ database }) => {
        const path = plan.pathOf(database);
        const { name, rpo, snapshot } = database;
        const age = snapshot.kind === 'newest' ? snapshot.maxAge : undefined;
        return [
          ...(rpo === undefined ? [] : [{ ms: rpo, path: [...path, 'rpo'], what: `the RPO of ${show(name)}`, zero: true }]),
          ...(age === undefined
            ? []
            : [{ ms: age, path: [...path, 'snapshot', 'newest', 'maxAge'], what: 'the age of a snapshot', zero: false }]),
          ...(['drillTtl', 'connectionTimeout'] as const).flatMap((key) => {
            const ms = database[key];
            return ms === undefined ? [] : [{ ms, path: [...path, key], what: `the ${key} of ${show(name)}`, zero: false }];
          }),
        ];
      }),
    ];
    for (const { ms, path, what, zero } of rows) {
      if (plan.document.written(path) === undefined || plan.damaged(path)) continue;
      if (ms === 0 && !zero) context.report('BW502', plan, path, `${what} is zero`, 'Write a duration above zero, as 10m.');
      if (ms > LONGEST) context.report('BW502', plan, path, `${what} is longer than a year`, 'Write at most 366d.');
    }
  }
};

export const waitsWithinRto: Check = (context) => {
  for (const plan of context.plans) {
    for (const { ms, path, what } of tooLong(plan)) {
      const written = plan.document.written(path) === undefined ? ' by default' : '';
      const message = `${what} is ${formatDuration(ms)}${written}, longer than the RTO of ${formatDuration(plan.value.objectives.rto)}`;
      context.report('BW508', plan, path, message, 'Shorten it, or promise a longer RTO.');
    }
  }
};

function tooLong(plan: PlanDraft): ReturnType<typeof waitsOf> {
  // Finally actions come after the recovery: the RTO does not count them.
  return waitsOf(plan).filter(({ ms, path }) => ms > plan.value.objectives.rto && path[0] !== 'finally');
}

const MODES: readonly Mode[] = ['drill', 'recovery'];

/** The longest a wave may take, in the mode that takes longer. Gates are people's time and not counted. */
function longest(wave: Wave): number {
  const actions = (mode: Mode) =>
    [...wave.preWaveActions, ...wave.postWaveActions]
      .filter((action: Action) => action.when.includes(mode))
      .reduce((sum, action) => sum + action.maxWait, 0);
  // Servers and databases are recovered side by side.
  const recovery = Math.max(launches(wave) ? wave.timeout : 0, ...(wave.databases ?? []).map(({ timeout }) => timeout));
  return recovery + Math.max(...MODES.map(actions));
}

export const pathsWithinRto: Check = (context) => {
  for (const plan of context.plans) {
    if (tooLong(plan).length > 0) continue;
    const byName = new Map(plan.value.waves.map((wave) => [wave.name, wave]));
    const paths = new Map<string, { readonly ms: number; readonly waves: readonly string[] }>();
    for (const name of topologicalOrder(plan.value)) {
      const wave = byName.get(name);
      if (wave === undefined) continue;
      const before = wave.dependsOn.flatMap((each) => paths.get(each) ?? []);
      const worst = before.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, waves: [] as readonly string[] });
      paths.set(name, { ms: worst.ms + longest(wave), waves: [...worst.waves, name] });
    }
    const critical = [...paths.values()].reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, waves: [] as readonly string[] });
    const { rto } = plan.value.objectives;
    if (critical.ms <= rto) continue;
    const message = `the waits along ${critical.waves.join(' → ')} add up to ${formatDuration(critical.ms)}, longer than the RTO of ${formatDuration(rto)}`;
    context.report(
      'BW509',
      plan,
      ['objectives', 'rto'],
      message,
      'Shorten timeouts and maxWaits, let waves run side by side, or promise a longer RTO.',
    );
  }
};

export const lagWithinRpo: Check = (context) => {
  for (const plan of context.plans) {
    const { readiness, objectives } = plan.value;
    if (readiness.maxLag <= objectives.rpo) continue;
    const message = `a drill starts with a lag of up to ${formatDuration(readiness.maxLag)}, beyond the RPO of ${formatDuration(objectives.rpo)}`;
    context.report('BW510', plan, ['readiness', 'maxLag'], message, 'Lower it to the RPO, or leave it out.');
  }
};

export const timeoutsLongEnough: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      if (wave.timeout >= SHORTEST_TIMEOUT || wave.timeout === 0 || !launches(wave)) continue;
      const message = `wave ${show(wave.name)} has ${formatDuration(wave.timeout)} to launch and prove its servers; DRS alone needs about 9 minutes`;
      context.report('BW511', plan, [...plan.pathOf(wave), 'timeout'], message, 'Allow 20 minutes or more.');
    }
  }
};
