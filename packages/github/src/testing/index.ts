export {
  type FakeCall,
  type FakeFault,
  type FakeGithub,
  type FakeSetup,
  type OidcClaims,
  serveFakeGithub,
  type TokenPermissions,
} from './fake-github.ts';
export type {
  FakeApproval,
  FakeBranch,
  FakeEnvironment,
  FakePull,
  FakeRepository,
  FakeRun,
  FakeWorkflow,
  RepositorySetup,
} from './state.ts';
