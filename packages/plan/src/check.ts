import { inOrder } from './finding.ts';
import type { Loaded } from './load.ts';
import type { Finding } from './model.ts';
import {
  documents,
  knownRegions,
  parameterLimits,
  placeholders,
  rolesOfTheSite,
  sitesOfFinally,
  targets,
} from './rules/aws-values.ts';
import { possibleCapacity } from './rules/capacity.ts';
import { type Check, contextOf } from './rules/context.ts';
import {
  clustersRestoredTwice,
  copyPeaks,
  databasesBeforeRecoveryPoint,
  drillsExpireEarly,
  duplicateDatabases,
  idleConnectionTimeouts,
  idleSources,
  idleVaults,
  keysOfOtherRegions,
  oneSource,
  possiblePoints,
  readingQueries,
  replacesByName,
  secretsOfOtherRegions,
  settingsOfTheKind,
  snapshotsWithinRpo,
  topicsOfOtherRegions,
  withoutManifest,
} from './rules/databases.ts';
import {
  duplicateActions,
  duplicateDocuments,
  duplicateWaves,
  unknownGroups,
  unknownSites,
  unknownWaves,
  unusedDocuments,
} from './rules/names.ts';
import { cycles, dependenciesNeverMet, repeatedDependencies, selfDependencies } from './rules/order.ts';
import { publishedNames } from './rules/published-names.ts';
import { peaks, splitWaves, unprovedPeaks } from './rules/quotas.ts';
import { secretParameters, secretTexts } from './rules/secrets.ts';
import {
  groupsUsedTwice,
  groupsWithNothing,
  idleExclusions,
  idlePins,
  idleServerRules,
  impossibleExpectations,
  listedTwice,
  overlappingTags,
  serversInTwoGroups,
  wavesWithNothing,
} from './rules/selection.ts';
import { durationsInRange, lagWithinRpo, pathsWithinRto, timeoutsLongEnough, waitsWithinRto } from './rules/time.ts';
import { gateEnvironments, schedules } from './rules/workflows.ts';

/** What is looked at beyond the schema. A new rule is a function here, a row in the catalogue and a paragraph in the docs. */
const CHECKS: readonly Check[] = [
  duplicateDocuments,
  duplicateWaves,
  duplicateActions,
  unknownSites,
  unknownGroups,
  unknownWaves,
  unusedDocuments,
  cycles,
  selfDependencies,
  repeatedDependencies,
  dependenciesNeverMet,
  wavesWithNothing,
  groupsUsedTwice,
  listedTwice,
  serversInTwoGroups,
  overlappingTags,
  idleExclusions,
  groupsWithNothing,
  impossibleExpectations,
  idleServerRules,
  idlePins,
  durationsInRange,
  peaks,
  splitWaves,
  unprovedPeaks,
  waitsWithinRto,
  pathsWithinRto,
  lagWithinRpo,
  timeoutsLongEnough,
  rolesOfTheSite,
  knownRegions,
  documents,
  parameterLimits,
  targets,
  sitesOfFinally,
  placeholders,
  secretTexts,
  secretParameters,
  duplicateDatabases,
  clustersRestoredTwice,
  replacesByName,
  copyPeaks,
  snapshotsWithinRpo,
  withoutManifest,
  readingQueries,
  idleSources,
  schedules,
  gateEnvironments,
  idleVaults,
  idleConnectionTimeouts,
  drillsExpireEarly,
  databasesBeforeRecoveryPoint,
  keysOfOtherRegions,
  secretsOfOtherRegions,
  topicsOfOtherRegions,
  oneSource,
  publishedNames,
  settingsOfTheKind,
  possiblePoints,
  possibleCapacity,
];

/** Everything that is wrong with the loaded files, by file and line. Pure: asks neither AWS nor the clock. */
export function checkPlans(loaded: Loaded): readonly Finding[] {
  const context = contextOf(loaded);
  for (const check of CHECKS) check(context);
  return inOrder([...loaded.findings, ...context.findings]);
}
