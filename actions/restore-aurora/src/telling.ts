import { type DeedEnd, type Told, tellEnd } from '@breakwater/assembly';

const RESUME = 'Run the step again with the same inputs and key: it finds what was begun and goes on.';

/** `halfWay`: what was taken away and is not put back yet, when nothing can be asked any more. */
export function tell(deed: Pick<DeedEnd, 'end' | 'begun'>, halfWay?: string): Told {
  const told = tellEnd(deed, { resume: RESUME });
  if (deed.end.end !== 'lost' || halfWay === undefined) return told;
  return { ...told, reason: { ...told.reason, message: `${deed.end.error.message}; ${halfWay}` }, goesOn: undefined };
}
