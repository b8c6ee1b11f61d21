import { runAction } from '@breakwater/action-kit';
import { connect } from '@breakwater/aws';
import { readPlanFiles } from '@breakwater/plan';
import { definition } from './definition.ts';
import { runCopySnapshot } from './run.ts';

const readSites = async (files: readonly string[]) => (await readPlanFiles(files)).set.sites;
await runAction(definition, (door) => runCopySnapshot(door, { connect, readSites }));
