import type { SiteGateways } from '@breakwater/aws';
import type { DeedContext, Deeds } from '@breakwater/engine';
import type { Site } from '@breakwater/plan';
import { type PlanDatabaseParts, PlanDatabases } from './databases/plan-databases.ts';
import { endDrill } from './end-drill.ts';
import { inspect } from './inspect.ts';
import { proveIdentities } from './prove-identities.ts';
import { recoverServers } from './recover-servers.ts';
import { Rooms } from './rooms.ts';
import { runAutomation } from './run-automation.ts';
import { runCommand } from './run-command.ts';
import { verifyInstances } from './verify-instances.ts';

/** The deeds of one execution, done in AWS through the gateways that `connect` gives for each site. */
export function deeds(context: DeedContext, connect: (site: Site) => SiteGateways, parts: PlanDatabaseParts = {}): Deeds {
  const rooms = new Rooms(context.set.sites, connect, context.clock);
  const databases = new PlanDatabases(rooms, context, parts);
  return {
    proveIdentities: (sites) => proveIdentities(rooms, sites),
    inspect: async (waves) => {
      databases.demandManifests(waves);
      const [servers, doubts] = await Promise.all([inspect(rooms, context, waves), databases.doubts(waves)]);
      return { ...servers, doubts };
    },
    recover: (wave, servers) => recoverServers(rooms, context, wave, servers),
    verify: (_, servers, needsAgent) => verifyInstances(rooms, servers, needsAgent),
    act: (action, stage, wave, servers) => {
      const work = { deed: context, action, stage, wave, servers };
      return action.kind === 'automation' ? runAutomation(rooms, work) : runCommand(rooms, work);
    },
    recoverDatabase: (database) => databases.recover(database),
    cleanUp: (servers) => endDrill(rooms, context, servers),
    cleanUpDatabases: (restored) => databases.cleanUp(restored),
  };
}
