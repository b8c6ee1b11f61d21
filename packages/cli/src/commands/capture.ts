import type { ConnectOptions, SiteGateways } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { DatabaseManifest, DatabaseSite } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { CaptureRequest } from './requests.ts';

type Capture = (site: DatabaseSite, id: string, now: number) => Promise<DatabaseManifest>;

/** What the command needs of others. */
export interface CaptureParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly connect: (options: ConnectOptions) => (site: Site) => SiteGateways;
  readonly openDatabaseSites: (sites: readonly Site[], connect: (site: Site) => SiteGateways) => Promise<readonly DatabaseSite[]>;
  readonly captureCluster: Capture;
  readonly captureInstance: Capture;
  readonly writeManifest: (manifest: DatabaseManifest) => string;
}

/** `breakwater capture`: the manifest of a cluster or an instance, on stdout. Throws `cluster-unknown`, `engine-unavailable` or the `AwsError`. */
export async function capture(request: CaptureRequest, parts: CaptureParts): Promise<ExitCode> {
  const { terminal, clock } = parts;
  const { database, instance, ...place } = request;
  const captured = instance === true ? parts.captureInstance : parts.captureCluster;
  const open = parts.connect({ clock, credentials: { kind: 'default' }, sessionName: 'breakwater-capture' });
  const sites = await parts.openDatabaseSites([{ name: 'source', ...place }], open);
  for (const site of sites) {
    terminal.stdout.write(parts.writeManifest(await captured(site, database, clock.now())));
  }
  return EXIT_CODES.fine;
}
