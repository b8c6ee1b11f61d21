import assert from 'node:assert/strict';
import { VirtualClock } from '@breakwater/core';
import type { GateProof } from '@breakwater/history';
import { githubApi } from '../api.ts';
import type { JobClaims } from '../job-claims.ts';
import { type GateRequest, proveGate } from '../prove-gate.ts';
import { type FakeApproval, type FakeEnvironment, type FakeRun, type RepositorySetup, serveFakeGithub } from './index.ts';

/** The repository of every case. */
export const REPOSITORY = 'example/webshop';
export const NOW = Date.UTC(2026, 10, 20, 3, 7);

/** A gate and what GitHub says of it; the run is number 7, asked for by ann. */
export interface Case {
  readonly environments?: Readonly<Record<string, Partial<FakeEnvironment>>>;
  readonly approvals?: readonly (Partial<FakeApproval> & { readonly user: string })[];
  readonly run?: Partial<FakeRun>;
  readonly request?: Partial<GateRequest>;
  readonly repository?: RepositorySetup;
  readonly claims?: Partial<JobClaims>;
}

/** Proves the gate of that case against a fake GitHub. */
export async function prove({ environments, approvals = [], run, request, repository, claims }: Case = {}): Promise<GateProof> {
  await using fake = await serveFakeGithub({
    repositories: {
      [REPOSITORY]: {
        environments: environments ?? { prod: { reviewers: ['bob', 'carl'] } },
        runs: {
          7: { ...run, approvals: approvals.map((one) => ({ environments: ['prod'], state: 'approved', comment: '', ...one })) },
        },
        ...repository,
      },
    },
  });
  const clock = new VirtualClock(NOW);
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock, userAgent: 'test' });
  const proof = await proveGate(api, {
    wave: 'web',
    environments: Object.keys(environments ?? { prod: {} }),
    run: '7',
    attempt: 1 + (run?.reruns?.length ?? 0),
    requesters: ['ann'],
    clock,
    claims: async () =>
      claims && { repository: REPOSITORY, run: '7', attempt: 1 + (run?.reruns?.length ?? 0), environment: undefined, ...claims },
    ...request,
  });
  assert.deepEqual(fake.unknown, []);
  return proof;
}
