import type { Door } from '@breakwater/action-kit';
import { asBreakwaterError, type Clock, GithubError } from '@breakwater/core';
import { stopRun } from '@breakwater/github';
import type { LockOwner } from '@breakwater/history';
import type { definition } from './definition.ts';
import { apiOf, ownRun } from './github.ts';

/**
 * Stops the workflow run of a drill whose servers a recovery needs, so that nobody waits for its next look. Never fails: what could not
 * be stopped is told, and the drill lets go by itself or loses its locks. That is why the jobs of `wave.yml` need no `actions: write`.
 */
export function drillStopper(door: Door<typeof definition>, clock: Clock): ((drill: LockOwner) => Promise<void>) | undefined {
  const run = ownRun(door);
  const { token } = door.inputs;
  if (run === undefined || token === undefined) return undefined;
  const { github, annotations, log } = door;
  return async ({ execution, run: page }) => {
    const what = `drill ${execution}, whose servers this recovery needs`;
    try {
      const result = await stopRun(apiOf(door, run, token, clock), page, { server: github.serverUrl, run: run.id });
      if ('stopped' in result)
        log.info(`${what}: its run ${result.stopped === 'cancelling' ? 'is cancelled' : 'was over already'}`);
      else log.info(`${what}: its run is not cancelled: ${result.not}`);
    } catch (error) {
      const { message, next } = asBreakwaterError(error);
      if (error instanceof GithubError && error.code === 'github-permission') {
        log.info(`${what}: its run is not cancelled: ${message}; it lets go by itself within a minute`);
        return;
      }
      annotations.warning('A drill goes on', `${what}: its run could not be cancelled: ${message}. ${next}`);
    }
  };
}
