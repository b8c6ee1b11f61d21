import type { ConnectOptions, SiteGateways } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { ClusterManifest, DatabaseSite } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { CaptureRequest } from './requests.ts';

/** What the command needs of others. */
export interface CaptureParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly connect: (options: ConnectOptions) => (site: Site) => SiteGateways;
  readonly openDatabaseSites: (sites: readonly Site[], connect: (site: Site) => SiteGateways) => Promise<readonly DatabaseSite[]>;
  readonly captureCluster: (site: DatabaseSite, id: string, now: number) => Promise<ClusterManifest>;
  readonly writeManifest: (manifest: ClusterManifest) => string;
}

/** `breakwater capture`: the manifest of a cluster, on stdout. Throws `cluster-unknown`, `engine-unavailable` or the `AwsError`. */
export async function capture(request: CaptureRequest, parts: CaptureParts): Promise<ExitCode> {
  const { terminal, clock } = parts;
  const { cluster, ...place } = request;
  const open = parts.connect({ clock, credentials: { kind: 'default' }, sessionName: 'breakwater-capture' });
  const sites = await parts.openDatabaseSites([{ name: 'source', ...place }], open);
  for (const site of sites) {
    terminal.stdout.write(parts.writeManifest(await parts.captureCluster(site, cluster, clock.now())));
  }
  return EXIT_CODES.fine;
}
