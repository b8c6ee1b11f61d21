export { type Decision, decideRetention, type RetentionDecisions, type Snapshot } from './decide.ts';
export { type Freshness, freshnessOf } from './freshness.ts';
export { isPresetName, type KeepRule, PRESET_NAMES, presetPolicy, type RetentionPolicy } from './policy.ts';
export { LIFECYCLE_TAG, parsePolicy, policyFromTags, readPolicy } from './read-policy.ts';
export { type ListedSnapshot, parseMoment, readSnapshots } from './read-snapshots.ts';
