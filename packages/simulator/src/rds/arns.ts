export interface RdsArn {
  readonly region: string;
  readonly account: string;
  /** cluster-snapshot, snapshot, cluster, db, … */
  readonly type: string;
  /** In lower case; automated snapshots begin with `rds:`. */
  readonly id: string;
}

/** Undefined if the text is no ARN of RDS. */
export function parseRdsArn(text: string): RdsArn | undefined {
  const match = /^arn:aws:rds:([a-z0-9-]*):(\d{12}):([a-z-]+):(.+)$/i.exec(text);
  if (match === null) return undefined;
  const [, region = '', account = '', type = '', id = ''] = match;
  return { region, account, type, id: id.toLowerCase() };
}

export function rdsArn(
  { account, region }: { readonly account: string; readonly region: string },
  type: string,
  id: string,
): string {
  return `arn:aws:rds:${region}:${account}:${type}:${id}`;
}
