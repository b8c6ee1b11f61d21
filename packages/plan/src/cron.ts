interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** https://docs.github.com/actions/reference/events-that-trigger-workflows#schedule */
const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, words: ['', ...MONTHS] },
  { name: 'day of week', from: 0, to: 6, words: DAYS },
];

/** GitHub starts a schedule at most this often. */
const SHORTEST = 5;

/** What a cron expression says: its minutes, ascending, or what is wrong with it. */
export type Cron = { readonly minutes: readonly number[] } | { readonly problem: string };

/** Reads a cron expression of five fields as GitHub does: numbers, names, `*`, lists, ranges and steps. */
export function readCron(text: string): Cron {
  const parts = text.split(' ');
  if (parts.length !== FIELDS.length) return { problem: `it has ${parts.length} fields, not 5` };
  let minutes: readonly number[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const values = valuesOf(field, parts[index] ?? '');
    if (values === undefined) {
      return { problem: `"${parts[index]}" is no ${field.name} (${field.from} to ${field.to}, *, lists, ranges, steps)` };
    }
    if (index === 0) minutes = values;
  }
  const gaps = minutes.map((minute, index) => (minutes[index + 1] ?? (minutes[0] ?? 0) + 60) - minute);
  if (gaps.some((gap) => gap < SHORTEST)) return { problem: `GitHub starts a schedule at most every ${SHORTEST} minutes` };
  return { minutes };
}

/** The values of a field, ascending; `undefined` if it is not one. */
function valuesOf(field: Field, text: string): readonly number[] | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/([0-9]+))?$/.exec(item) ?? [];
    const [low, high] = range === '*' ? [field.from, field.to] : boundsOf(field, range, item.includes('/'));
    if (low === undefined || high === undefined || low > high || Number(step) < 1) return undefined;
    for (let value = low; value <= high; value += Number(step)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function boundsOf(field: Field, range: string, stepped: boolean): readonly (number | undefined)[] {
  const [from = '', to, ...rest] = range.split('-');
  if (rest.length > 0) return [];
  const low = numberOf(field, from);
  return [low, to === undefined ? (stepped ? field.to : low) : numberOf(field, to)];
}

function numberOf(field: Field, text: string): number | undefined {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 && text !== '' ? word : /^[0-9]{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.from && value <= field.to ? value : undefined;
}
