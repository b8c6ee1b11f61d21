/** One quota of AWS Elastic Disaster Recovery, per account and Region. Source: DRS user guide, "Service quotas". */
export interface DrsQuota {
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
}

/** By quota code, as `ServiceQuotaExceededException` names them. */
export const DRS_QUOTAS: Readonly<Record<string, DrsQuota>> = {
  'L-D88FAC3A': { name: 'concurrent jobs in progress', value: 20, adjustable: false },
  'L-B827C881': { name: 'source servers in a single job', value: 100, adjustable: false },
  'L-05AFA8C6': { name: 'source servers in all jobs', value: 500, adjustable: false },
  'L-DD6D028C': { name: 'concurrent jobs per source server', value: 1, adjustable: false },
  'L-C1D14A2B': { name: 'replicating source servers', value: 300, adjustable: false },
  'L-E28BE5E0': { name: 'source servers', value: 4_000, adjustable: true },
  'L-0588D03B': { name: 'launch actions per resource', value: 200, adjustable: false },
  'L-1F3FAE4D': { name: 'launch configuration templates', value: 1, adjustable: false },
  'L-4B0323BD': { name: 'source networks', value: 100, adjustable: false },
};
