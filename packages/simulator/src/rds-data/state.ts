/** An open transaction of the Data API. */
export interface Transaction {
  usedAt: number;
  readonly database: string | undefined;
}
