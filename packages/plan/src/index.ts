export { heaviestAntichain, type Weighed } from './antichain.ts';
export { checkPlans } from './check.ts';
export { comparePlans, type PlanChange, type ValueChange } from './compare.ts';
export { type DatabaseSource, sourceOf } from './database-source.ts';
export { type DefinitionJson, type PlanDefinition, planDefinition, planDigest } from './digest.ts';
export type { Draft } from './draft.ts';
export { finding, inOrder } from './finding.ts';
export { FINDING_FORMATS, type FindingFormat, formatFindings } from './formats/format-findings.ts';
export { formatGithub } from './formats/github.ts';
export { formatJson } from './formats/json.ts';
export { formatSarif } from './formats/sarif.ts';
export { type Counts, countsOf, formatText, summary } from './formats/text.ts';
export { databaseSites, type Loaded, loadPlanSources } from './load.ts';
export {
  type Action,
  type Criticality,
  type DatabaseArchive,
  type DatabaseCheck,
  type DatabaseMember,
  type DatabaseRecovery,
  type DatabaseSettings,
  type DatabaseUsers,
  type Finding,
  type Gate,
  type InstanceSettings,
  type InventoryServer,
  type MasterPassword,
  type Plan,
  type PlanSet,
  type ProtectionGroup,
  type PublishDns,
  type PublishEndpoint,
  RESTORE_STRATEGIES,
  type RecoveryPoint,
  type RestoreStrategy,
  type Selector,
  type ServerRule,
  type Severity,
  type Site,
  type SnapshotExport,
  type SnapshotSelection,
  type SqlConnection,
  type TargetServer,
  type Targets,
  type Wave,
} from './model.ts';
export { cyclesOf, dependenciesOf, downstreamOf, selectWaves, topologicalOrder, upstreamOf } from './order.ts';
export { readPlanFiles } from './read-plan-files.ts';
export { whyNotReading } from './reading-query.ts';
export { type Inventory, matches, resolveTargets } from './resolve.ts';
export { RULE_GROUPS, RULES, type Rule, ruleOf } from './rules/catalog.ts';
export { DRS_QUOTAS } from './rules/quotas.ts';
export { API_VERSION, KINDS, type Kind } from './schema.ts';
export { looksSecret, redact } from './secrets.ts';
export { fromSeedWave, type TranslatedWave, type YamlShape } from './seed-wave.ts';
export { blockersOf, concerning, selectPlan } from './select-plan.ts';
export { sitesInMode } from './sites-in-mode.ts';
export type { Path, PlanSource } from './yaml-file.ts';
