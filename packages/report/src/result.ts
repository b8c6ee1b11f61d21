import type { Execution, JsonObject } from '@breakwater/history';
import { countRecovered, failuresOf } from './facts.ts';
import { failureJson, summaryJson } from './json.ts';
import { byteLength, truncateToBytes } from './truncate.ts';

/** GitHub takes 1 MB of outputs from a job, measured in UTF-16; a step is content with a part of it. */
const MOST_BYTES = 64 * 1024;

/** Longest message kept in a result; the whole is in the report. */
const LONGEST_TEXT = 2_000;

/**
 * An execution as one line of JSON of at most 64 KiB, for an action's `result` output: `breakwater.report/1` without the details, the
 * failures first and as many of them as fit. `leftOut` counts what is only in the report.
 */
export function resultJson(execution: Execution): string {
  const failures = failuresOf(execution).map(failureJson);
  const waves = execution.waves.map(({ name, status, servers, databases }) => ({
    name,
    status,
    servers: { ...countRecovered(servers) },
    ...(databases === undefined ? {} : { databases: { ...countRecovered(databases) } }),
  }));
  const problems = execution.problems;
  const head = shortened(summaryJson(execution));
  const compose = (keep: { readonly failures: number; readonly waves: number; readonly problems: number }): string => {
    const left = {
      failures: failures.length - Math.min(keep.failures, failures.length),
      waves: waves.length - Math.min(keep.waves, waves.length),
      problems: problems.length - Math.min(keep.problems, problems.length),
    };
    return JSON.stringify({
      ...head,
      failures: failures.slice(0, keep.failures).map(shortened),
      problems: problems.slice(0, keep.problems).map((text) => truncateToBytes(text, LONGEST_TEXT, '…')),
      waves: waves.slice(0, keep.waves),
      ...(left.failures + left.waves + left.problems > 0 ? { leftOut: left } : {}),
    });
  };
  const whole = compose({ failures: failures.length, waves: waves.length, problems: problems.length });
  if (byteLength(whole) <= MOST_BYTES) return whole;
  // What failed is worth more than the list of waves, and than the tenth problem.
  for (let kept = failures.length; kept > 0; kept = Math.floor(kept * 0.8)) {
    const text = compose({ failures: kept, waves: 0, problems: 10 });
    if (byteLength(text) <= MOST_BYTES) return text;
  }
  return compose({ failures: 0, waves: 0, problems: 0 });
}

/** Every text in it cut to a length that leaves room for the rest. */
function shortened(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) =>
    typeof member === 'string' ? truncateToBytes(member, LONGEST_TEXT, '…') : member,
  );
}
