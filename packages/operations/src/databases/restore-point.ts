import type { Advance, OperationContext } from '@breakwater/engine';
import type { PointChoice } from './contracts.ts';
import { databaseStanding } from './database-standing.ts';
import type { RestoreState } from './restore-state.ts';

const UNTOUCHED = 'Nothing was changed.';

/**
 * Looks at what the automated backups of the live source reach, and takes the wanted moment if they do; nothing once it is known. Where the
 * latest one is wanted AWS is asked for the latest when the restore is sent: what is recorded is what it had at the look before.
 */
export async function providePoint(
  state: RestoreState,
  { time: wanted }: PointChoice,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { request, family, noun, site } = state;
  const id = request.database.toLowerCase();
  const where = `account ${site.site.account}, ${site.site.region}`;
  const source = await family.find(id);
  if (source === undefined || source.memberOf !== undefined) {
    return state.fail(
      'cluster-unknown',
      source === undefined
        ? `no ${noun} "${id}" is in ${where}: a point in time is restored from the automated backups of a live one`
        : `"${id}" is an instance of cluster "${source.memberOf}": its points in time are the cluster's`,
      `Correct the name, the account or the Region, or restore a snapshot. ${UNTOUCHED}`,
    );
  }
  const window = await state.rds.restoreWindow(noun, id);
  if (window === undefined) {
    const status = databaseStanding(source) === 'available' ? '' : ` (it is ${source.status})`;
    return state.fail(
      'point-in-time-unavailable',
      `no automated backups of ${noun} "${id}" are there${status}, so no point in time can be restored`,
      `Restore a snapshot. ${UNTOUCHED}`,
    );
  }
  const reach = `from ${iso(window.earliest)} to ${iso(window.latest)}`;
  if (wanted !== 'latest' && (wanted < window.earliest || wanted > window.latest)) {
    const soon = wanted > window.latest && wanted <= state.deed.clock.now();
    return state.fail(
      'point-in-time-unavailable',
      `${iso(wanted)} cannot be restored: the automated backups of ${noun} "${id}" reach ${reach}`,
      soon
        ? `The end moves on about every five minutes: try again then, or take the latest moment. ${UNTOUCHED}`
        : `Take a moment within, or the latest one. ${UNTOUCHED}`,
    );
  }
  const time = wanted === 'latest' ? window.latest : wanted;
  state.origin = { kind: 'point', source: id, arn: source.arn, wanted, time };
  await state.telling.progress(context, `${noun} ${id} is restored as it was at ${iso(time)} (its backups reach ${reach})`);
  return undefined;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
