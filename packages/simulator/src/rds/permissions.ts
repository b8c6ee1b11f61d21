import { authorise, demand } from '../iam/authorise.ts';
import { requestTags } from '../iam/evaluate.ts';
import type { CallContext } from '../world/call-context.ts';
import { rdsArn } from './arns.ts';
import type { Tags } from './state.ts';

/** What RDS asks of its caller beside the operation itself, each refused as IAM refuses it. */
export interface Beside {
  /** Tags that the request gives to what it makes. */
  readonly tagging?: { readonly type: string; readonly id: string; readonly tags: Tags };
  /** A snapshot of another Region that is copied. */
  readonly fromRegion?: string | undefined;
  readonly role?: { readonly arn: string; readonly to: 'monitoring.rds.amazonaws.com' | 'export.rds.amazonaws.com' } | undefined;
  /** A final snapshot of a database that is deleted. */
  readonly finalSnapshot?: { readonly of: 'cluster' | 'instance'; readonly database: string; readonly id: string } | undefined;
  /** The secret that RDS makes for the master password of a database of this kind. */
  readonly secret?: 'cluster' | 'instance' | undefined;
}

/**
 * A deletion with a final snapshot asks for the snapshot's own permission, for an instance as for a cluster: the handlers of CloudFormation's
 * AWS::RDS::DBInstance and AWS::RDS::DBCluster name it for their deletions.
 */
const FINAL_SNAPSHOT = {
  cluster: { action: 'rds:CreateDBClusterSnapshot', database: 'cluster', snapshot: 'cluster-snapshot' },
  instance: { action: 'rds:CreateDBSnapshot', database: 'db', snapshot: 'snapshot' },
} as const;

export function requireBeside({ principal, state }: CallContext, needs: Beside): void {
  const ask = (
    action: string,
    resource: string,
    context: Readonly<Record<string, string | readonly string[]>> = {},
    via?: string,
  ) =>
    authorise(principal, 'rds', [
      demand(action, resource, { principal, place: state, context, ...(via === undefined ? {} : { via }) }),
    ]);
  const { tagging, fromRegion, role, finalSnapshot } = needs;
  if (tagging !== undefined && Object.keys(tagging.tags).length > 0) {
    ask('rds:AddTagsToResource', rdsArn(state, tagging.type, tagging.id), requestTags(tagging.tags));
  }
  if (fromRegion !== undefined) ask('rds:CrossRegionCommunication', fromRegion);
  if (role !== undefined) ask('iam:PassRole', role.arn, { 'iam:passedtoservice': role.to });
  if (finalSnapshot !== undefined) {
    const { action, database, snapshot } = FINAL_SNAPSHOT[finalSnapshot.of];
    ask(action, rdsArn(state, database, finalSnapshot.database));
    ask(action, rdsArn(state, snapshot, finalSnapshot.id));
  }
  if (needs.secret !== undefined) {
    const name = needs.secret === 'cluster' ? 'rds!cluster' : 'rds!db';
    const secret = `arn:aws:secretsmanager:${state.region}:${state.account}:secret:${name}-??????`;
    ask('secretsmanager:CreateSecret', secret, {}, 'rds.amazonaws.com');
    ask('secretsmanager:TagResource', secret, {}, 'rds.amazonaws.com');
  }
}
