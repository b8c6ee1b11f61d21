import assert from 'node:assert/strict';
import { queryAnswer, type SentRequest } from './scripted-aws.ts';

export const OWN = '111122223333';
export const OTHER = '222233334444';
export const ARN = (id: string, account = OWN, region = 'eu-west-1') => `arn:aws:rds:${region}:${account}:cluster-snapshot:${id}`;
export const DB_ARN = (id: string, account = OWN) => `arn:aws:rds:eu-west-1:${account}:snapshot:${id}`;

/** For tests: what was asked, without what every query says. */
export function asked({ input }: SentRequest): Record<string, unknown> {
  const { Action, Version, ...rest } = input;
  assert.equal(Version, '2014-10-31');
  return { Action, ...rest };
}

const clusterSnapshot = (inner: string) => `<DBClusterSnapshot>${inner}</DBClusterSnapshot>`;

/** For tests: a made or copied cluster snapshot, as XML. */
export const oneSnapshot = (operation: string, inner: string) => queryAnswer(operation, clusterSnapshot(inner));

/** For tests: a page of cluster snapshots, and where the next one begins. */
export const clusterPage = (items: string[], marker = '') =>
  queryAnswer(
    'DescribeDBClusterSnapshots',
    `<DBClusterSnapshots>${items.map(clusterSnapshot).join('')}</DBClusterSnapshots>${marker === '' ? '' : `<Marker>${marker}</Marker>`}`,
  );

/** For tests: name and ARN of a cluster snapshot, and `more` of it. */
export const named = (id: string, more = '') =>
  `<DBClusterSnapshotIdentifier>${id}</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>${id.startsWith('arn:') ? id : ARN(id)}</DBClusterSnapshotArn>${more}`;
