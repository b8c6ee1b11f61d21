/**
 * Moments and durations as AWS writes them. Inside the simulator a moment is epoch milliseconds and may have a fraction, because
 * DRS writes microseconds.
 */

/** `2022-12-07T19:15:38.846723+00:00`, as real DRS jobs and logs carry it (the model's pattern demands `Z`; reality does not). */
export function drsDateTime(ms: number): string {
  const micros = Math.round(ms * 1_000);
  const seconds = Math.floor(micros / 1_000_000);
  const date = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return `${date}.${String(micros - seconds * 1_000_000).padStart(6, '0')}+00:00`;
}

/** `2022-12-07T19:15:38Z` or with milliseconds, as STS and EC2 write it. */
export function xmlDateTime(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}

/** Seconds with a fraction of three digits, as awsJson timestamps are. */
export function epochSeconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

/** `P0D`, `PT30S`, `PT9H3M`, `P2DT1H`: zero is `P0D`, as in the official samples. */
export function isoDuration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1_000));
  if (total === 0) return 'P0D';
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3_600);
  const minutes = Math.floor((total % 3_600) / 60);
  const seconds = total % 60;
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}
