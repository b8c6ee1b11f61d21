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
  /** A final snapshot of a cluster. */
  readonly finalSnapshot?: { readonly cluster: string; readonly id: string } | undefined;
  /** The secret that RDS makes for a master password. */
  readonly secret?: boolean;
}

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
    ask('rds:CreateDBClusterSnapshot', rdsArn(state, 'cluster', finalSnapshot.cluster));
    ask('rds:CreateDBClusterSnapshot', rdsArn(state, 'cluster-snapshot', finalSnapshot.id));
  }
  if (needs.secret === true) {
    const secret = `arn:aws:secretsmanager:${state.region}:${state.account}:secret:rds!cluster-??????`;
    ask('secretsmanager:CreateSecret', secret, {}, 'rds.amazonaws.com');
    ask('secretsmanager:TagResource', secret, {}, 'rds.amazonaws.com');
  }
}
