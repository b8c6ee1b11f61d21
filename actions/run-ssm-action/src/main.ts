import { runAction } from '@breakwater/action-kit';
import { connect } from '@breakwater/aws';
import { deeds } from '@breakwater/operations';
import { readPlanFiles } from '@breakwater/plan';
import { definition } from './definition.ts';
import { runSsmAction } from './run.ts';

const readSites = async (files: readonly string[]) => (await readPlanFiles(files)).set.sites;
await runAction(definition, (door) => runSsmAction(door, { connect, deeds, readSites }));
