import { runAction } from '@breakwater/action-kit';
import { databaseSql, readManifestFile } from '@breakwater/assembly';
import { connect } from '@breakwater/aws';
import { copySnapshot } from '@breakwater/operations';
import { readPlanFiles } from '@breakwater/plan';
import { definition } from './definition.ts';
import { runRestoreAurora } from './run.ts';

const readSites = async (files: readonly string[]) => (await readPlanFiles(files)).set.sites;
const restoreParts = { copy: copySnapshot, sql: databaseSql() };
await runAction(definition, (door) =>
  runRestoreAurora(door, { connect, readSites, readManifest: readManifestFile, restoreParts }),
);
