import type { Ec2InstanceHealth, SsmManagedInstance } from '@breakwater/aws';

/** What EC2 says of a launched instance. */
export type Health =
  | { readonly kind: 'healthy' }
  /** Running or about to; its checks have not passed (yet). */
  | { readonly kind: 'checking'; readonly running: boolean; readonly note: string }
  /** The launch disposition of the server is STOPPED, or somebody stopped it: nothing can be proved. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'ended'; readonly state: string }
  /** Not visible: new ids may be unknown to EC2 for some seconds. */
  | { readonly kind: 'unseen' };

/** Reads one instance's status checks. `impaired` is no end: checks recover, and the wave's deadline bounds the wait. */
export function healthOf(seen: Ec2InstanceHealth | undefined): Health {
  if (seen === undefined) return { kind: 'unseen' };
  const { state, instanceStatus, systemStatus, attachedEbsStatus } = seen;
  if (state === 'terminated' || state === 'shutting-down') return { kind: 'ended', state };
  if (state === 'stopped') return { kind: 'stopped' };
  if (state !== 'running') return { kind: 'checking', running: false, note: state };
  const checks = { instance: instanceStatus, system: systemStatus };
  const open = Object.entries(checks).filter(([, status]) => status !== 'ok');
  if (attachedEbsStatus === 'impaired') open.push(['attached volumes', attachedEbsStatus]);
  if (open.length === 0) return { kind: 'healthy' };
  return {
    kind: 'checking',
    running: true,
    note: open.map(([check, status]) => `${check} ${status ?? 'not reported'}`).join(', '),
  };
}

/**
 * Whether the agent of this very instance is there. A clone may carry the registration of its source, so a ping from before the
 * launch proves nothing. `launchedAt` is epoch milliseconds; unknown: no ping is proof.
 */
export function isAgentOnline(seen: SsmManagedInstance | undefined, launchedAt: number | undefined): boolean {
  if (seen?.pingStatus !== 'Online' || seen.lastPingAt === undefined || launchedAt === undefined) return false;
  return seen.lastPingAt >= launchedAt;
}
