export {
  type BranchProtection,
  type EnvironmentFacts,
  type ForkSettings,
  type GithubApi,
  githubApi,
  type OidcSubject,
  type RepositoryFacts,
  type ReviewFacts,
  type RunFacts,
  type WorkflowFacts,
} from './api.ts';
export { DOCTOR_RULES, type DoctorRule, type DoctorRuleId } from './doctor/catalog.ts';
export { type DoctorRequest, examine, inOrder } from './doctor/doctor.ts';
export { type DoctorFinding, found } from './doctor/finding.ts';
export type { WorkflowFile } from './doctor/workflows.ts';
export { type JobClaims, jobClaims } from './job-claims.ts';
export { type GateRequest, proveGate } from './prove-gate.ts';
export type { ApiAccess } from './request.ts';
export { type Stopped, stopRun } from './stop-run.ts';
