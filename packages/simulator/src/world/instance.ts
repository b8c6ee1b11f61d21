/** An EC2 instance that DRS launched: its whole timeline, told when it was begun. */
export interface Instance {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly serverId: string;
  readonly hostname: string;
  readonly launchedAt: number;
  readonly visibleAt: number;
  readonly statusOkAt: number;
  readonly agentOnlineAt: number;
  readonly disposition: 'STARTED' | 'STOPPED';
  readonly instanceType: string;
  readonly privateIp: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly os: string;
  tags: Readonly<Record<string, string>>;
  terminatingAt: number | undefined;
  terminatedAt: number | undefined;
}

/** How long EC2 still shows a terminated instance. */
const SHOWN_AFTER_TERMINATION = 3_600_000;

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopped';

/** Undefined before it exists and long after it ended. */
export function instanceState(instance: Instance, now: number): InstanceState | undefined {
  if (now < instance.launchedAt) return undefined;
  if (instance.terminatedAt !== undefined && now >= instance.terminatedAt) {
    return now < instance.terminatedAt + SHOWN_AFTER_TERMINATION ? 'terminated' : undefined;
  }
  if (instance.terminatingAt !== undefined && now >= instance.terminatingAt) return 'shutting-down';
  return instance.disposition === 'STOPPED' ? 'stopped' : 'running';
}
