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
export { type JobClaims, jobClaims } from './job-claims.ts';
export { type GateRequest, proveGate } from './prove-gate.ts';
export type { ApiAccess } from './request.ts';
export { type Stopped, stopRun } from './stop-run.ts';
