import { formatDuration } from '@breakwater/core';
import { heaviestAntichain } from '../antichain.ts';
import { sourceOf } from '../database-source.ts';
import type { DatabaseRecovery, Plan, Wave } from '../model.ts';
import { cyclesOf } from '../order.ts';
import { whyNotReading } from '../reading-query.ts';
import { show } from '../schema.ts';
import { type Check, type CheckContext, type PlanDraft, placeOf } from './context.ts';

/**
 * Copies of cluster snapshots that may be in flight to an account and Region; no quota, it cannot be raised.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-copy-snapshot.html
 */
const COPIES_AT_ONCE = 5;

export interface PlacedDatabase {
  readonly wave: Wave;
  readonly database: DatabaseRecovery;
}

export function databasesOf(plan: Plan): readonly PlacedDatabase[] {
  return plan.waves.flatMap((wave) => (wave.databases ?? []).map((database) => ({ wave, database })));
}

function eachDatabase(context: CheckContext, look: (plan: PlanDraft, placed: PlacedDatabase) => void): void {
  for (const plan of context.plans) for (const placed of databasesOf(plan.value)) look(plan, placed);
}

export const duplicateDatabases: Check = (context) => {
  for (const plan of context.plans) {
    const seen = new Set<string>();
    for (const { database } of databasesOf(plan.value)) {
      const key = database.name.toLowerCase();
      if (key !== '' && seen.has(key)) {
        const message = `the plan has a database ${show(database.name)} already`;
        context.report('BW802', plan, [...plan.pathOf(database), 'name'], message, 'Rename one of the two.');
      }
      seen.add(key);
    }
  }
};

/** Identifiers are compared in lower case, as RDS does. */
export const clustersRestoredTwice: Check = (context) => {
  for (const plan of context.plans) {
    const first = new Map<string, string>();
    for (const { database } of databasesOf(plan.value)) {
      const { name, site, target } = database;
      const { kind, id } = sourceOf(database);
      if (id === '' || site === '') continue;
      const place = placeOf(context, site);
      // The names of a drill, and those of a swap or a replacement, are made of the source's where no target is given.
      const claims = [
        { key: `${place} of ${kind} ${id.toLowerCase()}`, path: kind, what: `the ${kind} ${show(id)}` },
        {
          key: `${place} as ${kind} ${(target ?? id).toLowerCase()}`,
          ...(target === undefined
            ? { path: kind, what: `the ${kind} ${show(id)}` }
            : { path: 'target', what: `the target ${show(target)}` }),
        },
      ];
      const twice = claims.find(({ key }) => first.has(key));
      for (const { key } of claims) if (!first.has(key)) first.set(key, name);
      if (twice === undefined) continue;
      const message = `${twice.what} is restored at ${place} by database ${show(first.get(twice.key))} already`;
      context.report(
        'BW803',
        plan,
        [...plan.pathOf(database), twice.path],
        message,
        'Keep one of the two, or restore it elsewhere or under another target.',
      );
    }
  }
};

export const replacesByName: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const path = plan.pathOf(database);
    const { kind, id } = sourceOf(database);
    const { strategy, replaces, target = id } = database;
    if (strategy !== 'replace') {
      for (const key of ['replaces', 'liftProtection', 'finalSnapshot'] as const) {
        if (database[key] === undefined) continue;
        const message = `${key} has no effect with strategy ${strategy}: nothing is deleted`;
        context.report('BW805', plan, [...path, key], message, 'Remove it, or write strategy: replace.');
      }
      return;
    }
    if (plan.damaged([...path, 'replaces']) || plan.damaged([...path, kind]) || plan.damaged([...path, 'target'])) return;
    if (replaces?.toLowerCase() === target.toLowerCase()) return;
    const message =
      replaces === undefined
        ? `the ${kind} ${show(target)} would be deleted without being named`
        : `the ${kind} ${show(target)} would be deleted, but replaces names ${show(replaces)}`;
    const at = replaces === undefined ? 'strategy' : 'replaces';
    context.report(
      'BW804',
      plan,
      [...path, at],
      message,
      `Add replaces: ${target} if it shall be deleted, or take another strategy.`,
    );
  });
};

/** Whether a snapshot must be copied first: it is somewhere else than where the cluster shall stand. */
function needsCopy(context: CheckContext, { site, source }: DatabaseRecovery): boolean {
  return source !== undefined && placeOf(context, source) !== placeOf(context, site);
}

export const copyPeaks: Check = (context) => {
  for (const plan of context.plans) {
    const { waves } = plan.value;
    const names = waves.map((wave) => wave.name);
    if (new Set(names).size < names.length || cyclesOf(plan.value).length > 0) continue;
    const after = waves.map((wave) => wave.dependsOn.map((name) => names.indexOf(name)).filter((index) => index >= 0));
    if (after.some((earlier, index) => earlier.includes(index))) continue;
    const copied = databasesOf(plan.value).filter(({ database }) => {
      return sourceOf(database).kind === 'cluster' && needsCopy(context, database);
    });
    for (const place of new Set(copied.map(({ database }) => placeOf(context, database.site)))) {
      const here = copied.filter(({ database }) => placeOf(context, database.site) === place);
      const weights = waves.map((wave) => here.filter((one) => one.wave === wave).length);
      const peak = heaviestAntichain(weights.map((weight, index) => ({ weight, after: after[index] ?? [] })));
      if (peak.weight <= COPIES_AT_ONCE) continue;
      const listed = peak.members.map((index) => show(names[index])).join(', ');
      const who = peak.members.length === 1 ? `wave ${listed} copies` : `waves ${listed} may run at the same time and copy`;
      const message = `${who} ${peak.weight} cluster snapshots to ${place}; AWS takes ${COPIES_AT_ONCE} at a time`;
      const first = here.find(({ wave }) => wave === waves[peak.members[0] ?? 0]);
      const path = first === undefined ? ['waves'] : [...plan.pathOf(first.database), 'source'];
      const next = 'Let some of these waves depend on others, or copy snapshots ahead and leave source out.';
      context.report('BW807', plan, path, message, next);
    }
  }
};

export const snapshotsWithinRpo: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { snapshot, rpo = plan.value.objectives.rpo } = database;
    if (snapshot.kind !== 'newest' || snapshot.maxAge === undefined || snapshot.maxAge <= rpo) return;
    const path = [...plan.pathOf(snapshot), 'newest', 'maxAge'];
    const message = `a snapshot of up to ${formatDuration(snapshot.maxAge)} is taken, beyond the RPO of ${formatDuration(rpo)}`;
    context.report('BW808', plan, path, message, 'Lower it to the RPO, or promise another rpo for this database.');
  });
};

export const withoutManifest: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    // A point in time needs the live source anyway.
    if (database.manifest !== undefined || database.strategy !== 'new' || database.snapshot.kind === 'point-in-time') return;
    const path = plan.pathOf(database);
    if (plan.damaged([...path, 'manifest'])) return;
    const message = `database ${show(database.name)} has no manifest: a live ${sourceOf(database).kind} must be asked for its settings`;
    context.report('BW810', plan, [...path, 'name'], message, 'Run breakwater capture, and write manifest: <the file>.');
  });
};

export const readingQueries: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    for (const check of database.verification) {
      const path = plan.pathOf(check);
      if (check.kind === 'query') {
        const wrong = whyNotReading(check.sql);
        if (wrong === undefined) continue;
        const next = 'Write one SELECT without comments and backslashes; a name that looks like such a word goes in quotes.';
        context.report('BW811', plan, [...path, 'query', 'sql'], `the query ${show(check.name)} ${wrong}`, next);
      }
      if (check.kind === 'rows' && check.min !== undefined && check.max !== undefined && check.min > check.max) {
        const message = `minRows (${check.min}) is above maxRows (${check.max})`;
        context.report('BW812', plan, [...path, 'table', 'minRows'], message, 'Correct one of the two.');
      }
    }
  });
};

/** Which keys a database names, where they stand in its entry, and at which site each is used. */
function keysOf({ site, source = site, kmsKeyId, transitKmsKeyId, masterPassword, archive }: DatabaseRecovery) {
  const managed = masterPassword?.kind === 'managed' ? masterPassword.kmsKeyId : undefined;
  const vault = archive?.kind === 'vault' ? archive : undefined;
  const files = archive?.kind === 'export' ? archive.kmsKeyId : undefined;
  return [
    { key: kmsKeyId, at: site, path: ['kmsKeyId'] },
    { key: transitKmsKeyId, at: source, path: ['transitKmsKeyId'] },
    { key: managed, at: site, path: ['masterPassword', 'managed'] },
    { key: vault?.kmsKeyId, at: vault?.site ?? '', path: ['archive', 'vault', 'kmsKeyId'] },
    { key: vault?.transitKmsKeyId, at: site, path: ['archive', 'vault', 'transitKmsKeyId'] },
    { key: files, at: site, path: ['archive', 'export', 'kmsKeyId'] },
  ];
}

export const keysOfOtherRegions: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    for (const { key, at, path } of keysOf(database)) {
      const region = /^arn:[^:]+:kms:([^:]+):/.exec(key ?? '')?.[1];
      const wanted = context.site(at)?.value.region;
      if (region === undefined || wanted === undefined || wanted === '' || region === wanted) continue;
      const message = `the key is of ${region}, but it is used at ${show(at)}, which is ${wanted}`;
      context.report('BW817', plan, [...plan.pathOf(database), ...path], message, `Name a key of ${wanted}.`);
    }
  });
};

/** A secret is read where the database is restored, and only there. */
export const secretsOfOtherRegions: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { site, users, masterPassword, publish } = database;
    const wanted = context.site(site)?.value.region;
    const master = masterPassword === undefined || masterPassword.kind === 'managed' ? undefined : masterPassword;
    const named = [
      { secret: users?.secret, path: ['users', 'secret'] },
      { secret: master?.secret, path: ['masterPassword', master?.kind ?? ''] },
      { secret: publish?.secret, path: ['publish', 'secret'] },
    ];
    for (const { secret, path } of named) {
      const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secret ?? '')?.[1];
      if (region === undefined || wanted === undefined || wanted === '' || region === wanted) continue;
      const message = `the secret is of ${region}, but it is read at ${show(site)}, which is ${wanted}`;
      const next = `Name its replica in ${wanted}, or give its name instead of an ARN.`;
      context.report('BW823', plan, [...plan.pathOf(database), ...path], message, next);
    }
  });
};

/** SNS takes a message only in the Region of its topic, and a database tells it from where it is restored. */
export const topicsOfOtherRegions: Check = (context) => {
  eachDatabase(context, (plan, { database: { site, notify }, database }) => {
    const region = /^arn:[^:]+:sns:([^:]+):/.exec(notify ?? '')?.[1];
    const wanted = context.site(site)?.value.region;
    if (region === undefined || wanted === undefined || wanted === '' || region === wanted) return;
    const message = `the topic is of ${region}, but ${show(site)} is ${wanted}: nobody would be told`;
    context.report('BW824', plan, [...plan.pathOf(database), 'notify'], message, `Name a topic of ${wanted}.`);
  });
};

export const idleVaults: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { site, archive } = database;
    if (archive?.kind !== 'vault' || site === '' || placeOf(context, archive.site) !== placeOf(context, site)) return;
    const message = `the vault ${show(archive.site)} is the place where the database is restored`;
    const path = [...plan.pathOf(database), 'archive', 'vault', 'site'];
    context.report('BW814', plan, path, message, 'Name a site of another account or Region.');
  });
};

export const idleConnectionTimeouts: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    if (database.connectionTimeout === undefined || database.connection === 'direct') return;
    const message = 'connectionTimeout has no effect with connection data-api: no connection is made';
    const path = [...plan.pathOf(database), 'connectionTimeout'];
    context.report('BW815', plan, path, message, 'Remove it, or write connection: direct.');
  });
};

export const drillsExpireEarly: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { drillTtl, timeout } = database;
    if (drillTtl === undefined || drillTtl === 0 || drillTtl > timeout) return;
    const message = `the drill's database expires after ${formatDuration(drillTtl)}, but its restore may take ${formatDuration(timeout)}`;
    context.report('BW816', plan, [...plan.pathOf(database), 'drillTtl'], message, 'Give it longer than the timeout.');
  });
};

export const idleSources: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { site, source } = database;
    if (source === undefined || site === '' || placeOf(context, source) !== placeOf(context, site)) return;
    const message = `the source ${show(source)} is the place where the database is restored: nothing is copied`;
    context.report('BW813', plan, [...plan.pathOf(database), 'source'], message, 'Remove source, or name another site.');
  });
};

/** The latest moment that the data may be of, epoch milliseconds. */
function takenAtLatest(snapshot: DatabaseRecovery['snapshot']): number {
  if (snapshot.kind === 'newest') return snapshot.before ?? Number.POSITIVE_INFINITY;
  return snapshot.kind === 'point-in-time' && snapshot.time !== 'latest' ? snapshot.time : Number.POSITIVE_INFINITY;
}

/** A snapshot that is named by its id was chosen by a human. */
export const databasesBeforeRecoveryPoint: Check = (context) => {
  for (const plan of context.plans) {
    const moments = plan.value.waves.flatMap(({ recoveryPoint }) =>
      recoveryPoint.kind === 'before' ? [recoveryPoint.time] : [],
    );
    const earliest = Math.min(...moments);
    if (!Number.isFinite(earliest)) continue;
    for (const { database } of databasesOf(plan.value)) {
      const { snapshot, name } = database;
      if (snapshot.kind === 'id' || takenAtLatest(snapshot) <= earliest) continue;
      const moment = new Date(earliest).toISOString();
      const message = `servers go back to before ${moment}, and ${show(name)} takes data from after it`;
      const next = `Write \`snapshot: { newest: { before: ${moment} } }\`, or name a snapshot by its id.`;
      context.report('BW818', plan, [...plan.pathOf(database), 'name'], message, next);
    }
  }
};

export const oneSource: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { name, cluster, instance } = database;
    const path = plan.pathOf(database);
    if ((cluster === undefined) !== (instance === undefined)) return;
    if (plan.damaged([...path, 'cluster']) || plan.damaged([...path, 'instance'])) return;
    const message = `database ${show(name)} names ${cluster === undefined ? 'neither a cluster nor an instance' : 'a cluster and an instance'}`;
    const at = cluster === undefined ? path : [...path, 'instance'];
    context.report('BW819', plan, at, message, 'Write cluster: for Aurora, or instance: for an RDS instance; one of the two.');
  });
};

const OF_CLUSTERS = ['httpEndpoint', 'serverless'] as const;
const OF_INSTANCES = [
  'instanceClass',
  'multiAz',
  'availabilityZone',
  'optionGroup',
  'publiclyAccessible',
  'iops',
  'storageThroughput',
  'performanceInsights',
  'monitoringInterval',
  'monitoringRoleArn',
] as const;
/** Of Aurora; all other types of storage are of instances. */
const AURORA_STORAGE = /^aurora/;

/** What is written of a database of one kind and only the other kind has: where, and why. */
function ofTheOtherKind(database: DatabaseRecovery): readonly { readonly path: readonly string[]; readonly why: string }[] {
  const { settings = {}, snapshot } = database;
  const instance = sourceOf(database).kind === 'instance';
  const foreign = (instance ? OF_CLUSTERS : OF_INSTANCES).filter((key) => settings[key] !== undefined);
  const { storageType } = settings;
  const kind = instance ? 'a cluster' : 'an instance';
  const arn = snapshot.kind === 'id' ? /^arn:[^:]+:rds:[^:]+:\d+:(cluster-)?snapshot:/.exec(snapshot.id) : null;
  return [
    ...foreign.map((key) => ({ path: ['settings', key], why: `${key} is a setting of ${kind}` })),
    ...(storageType !== undefined && AURORA_STORAGE.test(storageType) === instance
      ? [{ path: ['settings', 'storageType'], why: `the storage type ${show(storageType)} is one of ${kind}` }]
      : []),
    ...(arn !== null && (arn[1] === undefined) !== instance
      ? [{ path: ['snapshot', 'id'], why: `the snapshot is one of ${kind}` }]
      : []),
    ...(instance && database.members !== undefined ? [{ path: ['members'], why: 'members are instances of a cluster' }] : []),
    ...(instance && database.publish?.readerParameter !== undefined
      ? [{ path: ['publish', 'readerParameter'], why: 'only a cluster has an endpoint of readers' }]
      : []),
    ...(instance && database.publish?.dns?.readerName !== undefined
      ? [{ path: ['publish', 'dns', 'readerName'], why: 'only a cluster has an endpoint of readers' }]
      : []),
    ...(instance && database.connection === 'data-api' ? [{ path: ['connection'], why: 'only a cluster has the Data API' }] : []),
    ...(!instance && settings.backupRetentionDays === 0
      ? [{ path: ['settings', 'backupRetentionDays'], why: 'a cluster always has automated backups' }]
      : []),
  ];
}

export const settingsOfTheKind: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    const { cluster, instance, name } = database;
    if ((cluster === undefined) === (instance === undefined)) return;
    for (const { path, why } of ofTheOtherKind(database)) {
      const message = `${why}, and database ${show(name)} is ${sourceOf(database).kind === 'instance' ? 'an instance' : 'a cluster'}`;
      context.report('BW820', plan, [...plan.pathOf(database), ...path], message, 'Remove it, or name the other kind.');
    }
  });
};

/** Why a moment of the source cannot be restored like that, and what says so. */
function whyNotThen(context: CheckContext, database: DatabaseRecovery): readonly { readonly at: string; readonly why: string }[] {
  const { kind, id } = sourceOf(database);
  const { strategy, target = id, archive, kmsKeyId } = database;
  return [
    ...(needsCopy(context, database)
      ? [{ at: 'source', why: 'a point in time can only be restored in the account and Region of its source' }]
      : []),
    ...(strategy === 'replace' && id !== '' && target.toLowerCase() === id.toLowerCase()
      ? [{ at: 'strategy', why: `replace deletes the ${kind} first whose backups hold that moment` }]
      : []),
    ...(archive === undefined ? [] : [{ at: 'archive', why: 'a point in time has no snapshot that could be archived' }]),
    ...(kind === 'instance' && kmsKeyId !== undefined
      ? [{ at: 'kmsKeyId', why: 'an instance is restored to a point in time under its own key' }]
      : []),
  ];
}

export const possiblePoints: Check = (context) => {
  eachDatabase(context, (plan, { database }) => {
    if (database.snapshot.kind !== 'point-in-time') return;
    for (const { at, why } of whyNotThen(context, database)) {
      context.report('BW821', plan, [...plan.pathOf(database), at], why, 'Remove it, or restore a snapshot.');
    }
  });
};
