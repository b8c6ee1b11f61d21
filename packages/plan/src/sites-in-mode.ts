import type { Mode } from '@breakwater/core';
import type { PlanSet, Site } from './model.ts';

/** The plan set with every site as executions of a mode enter it: by `drillRoleArn` in a drill, if there is one. */
export function sitesInMode(set: PlanSet, mode: Mode): PlanSet {
  return { ...set, sites: new Map([...set.sites].map(([name, site]) => [name, entered(site, mode)])) };
}

function entered({ drillRoleArn, ...site }: Site, mode: Mode): Site {
  return mode === 'drill' && drillRoleArn !== undefined ? { ...site, roleArn: drillRoleArn } : site;
}
