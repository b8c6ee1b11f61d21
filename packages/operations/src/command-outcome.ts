import type { SsmInvocation } from '@breakwater/aws';
import type { JsonObject, Reason } from '@breakwater/history';
import { withoutUndefined } from './boundary.ts';
import { maskText } from './masking.ts';
import { summary } from './step-result.ts';

/** CommandInvocationStatus (SSM API reference). */
const ENDED = ['Success', 'Cancelled', 'TimedOut', 'Failed'];
const UNDERWAY = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

/** How a command stands over all its instances. */
export interface CommandState {
  /** Instances without an end yet: not visible, or at work. */
  readonly open: readonly string[];
  /** Of those, the ones AWS does not show: an invocation may be missing for seconds after SendCommand. */
  readonly unseen: readonly string[];
  readonly failed: readonly SsmInvocation[];
  /** Statuses that AWS has added since; waited out. */
  readonly unknown: readonly string[];
}

/** Success is every instance's success; the command's own status says less. */
export function commandState(instances: readonly string[], invocations: readonly SsmInvocation[]): CommandState {
  const seen = new Map(invocations.map((one) => [one.instanceId, one]));
  const ended = (id: string) => ENDED.includes(seen.get(id)?.status ?? '');
  return {
    open: instances.filter((id) => !ended(id)),
    unseen: instances.filter((id) => !seen.has(id)),
    failed: instances.flatMap((id) => {
      const one = seen.get(id);
      return one !== undefined && ended(id) && one.status !== 'Success' ? [one] : [];
    }),
    unknown: [...new Set(invocations.map(({ status }) => status).filter((status) => ![...ENDED, ...UNDERWAY].includes(status)))],
  };
}

/** The end of what a command printed says more than its beginning. */
const TAIL = 500;

export function commandResult(
  id: string,
  site: string,
  instances: readonly string[],
  invocations: readonly SsmInvocation[],
): JsonObject {
  const seen = new Map(invocations.map((one) => [one.instanceId, one]));
  return {
    id,
    site,
    instances: instances.map((instance) => {
      const one = seen.get(instance);
      return {
        instance,
        status: one?.status ?? 'not visible',
        ...withoutUndefined({ details: one?.statusDetails, responseCode: one?.responseCode }),
        output: tail(one?.output),
        errorOutput: tail(one?.errorOutput),
      };
    }),
  };
}

function tail(text: string | undefined): string {
  const masked = maskText((text ?? '').trimEnd());
  return masked.length <= TAIL ? masked : `…${masked.slice(-TAIL)}`;
}

export function commandFailure(name: string, id: string, of: number, failed: readonly SsmInvocation[]): Reason {
  const named = failed.map(({ instanceId, status, statusDetails, responseCode, errorOutput }) => {
    const code = responseCode === undefined || responseCode < 0 ? '' : `, response code ${responseCode}`;
    const said = tail(errorOutput);
    return `${instanceId}: ${statusDetails ?? status}${code}${said === '' ? '' : `: ${said}`}`;
  });
  return {
    code: 'command-failed',
    message: `command "${name}" (${id}) did not succeed on ${failed.length} of ${of} instances: ${summary(named)}`,
    next: `Look at command ${id} in the Systems Manager console, mend the cause, and run the same execution again.`,
  };
}
