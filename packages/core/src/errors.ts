import type { ReasonCode } from './reason-codes.ts';

/** A place in a file, both counted from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Options {
  /** What to do next, as a sentence to a tired person. Every error has one. */
  readonly next: string;
  readonly cause?: unknown;
}

/**
 * The base of everything Breakwater throws on purpose. `message` says what is wrong and names the object; `next` says what to do;
 * `code` is stable. Compare codes, not classes: errors may come from another bundle.
 */
export abstract class BreakwaterError extends Error {
  abstract readonly kind: 'user' | 'refused' | 'aws' | 'github' | 'timed-out' | 'cancelled' | 'internal';
  readonly code: ReasonCode;
  readonly next: string;

  constructor(code: ReasonCode, message: string, { next, cause }: Options) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.next = next;
  }
}

/** The user's mistake: a file, an input, a command. Thrown before anything was started. */
export class UserError extends BreakwaterError {
  readonly kind = 'user';
  readonly location: Location | undefined;

  constructor(code: ReasonCode, message: string, options: Options & { readonly location?: Location | undefined }) {
    super(code, message, options);
    this.location = options.location;
  }
}

/** A guard said no: going on could destroy or mislead. Nothing was changed. */
export class RefusedError extends BreakwaterError {
  readonly kind = 'refused';
}

/** What is known of a failed AWS call. */
export interface AwsCall {
  /** The SDK's name for the service, lower case: `drs`, `ssm`, `ec2`, `sts`. */
  readonly service: string;
  readonly operation: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly requestId: string | undefined;
  readonly httpStatus: number | undefined;
  /** AWS's own error code, as `ConflictException`. */
  readonly awsCode: string;
}

/** AWS refused or failed a call. `missing` names the permission or quota when AWS told us. */
export class AwsError extends BreakwaterError {
  readonly kind = 'aws';
  readonly call: AwsCall;
  readonly missing: string | undefined;
  /**
   * Whether the change may have been applied all the same: the answer was lost (socket, timeout, 5xx). Whoever gets it must look
   * before it sends again.
   */
  readonly ambiguous: boolean;

  constructor(
    code: ReasonCode,
    message: string,
    options: Options & { readonly call: AwsCall; readonly missing?: string | undefined; readonly ambiguous?: boolean },
  ) {
    super(code, message, options);
    this.call = options.call;
    this.missing = options.missing;
    this.ambiguous = options.ambiguous ?? false;
  }
}

/** What is known of a failed call of GitHub's REST API. */
export interface GithubCall {
  readonly method: string;
  /** Without the host, as `/repos/example/webshop/environments/prod`. */
  readonly path: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
}

/** GitHub refused or failed a call. `missing` is the entry of `permissions:` that the job lacks, when that is why. */
export class GithubError extends BreakwaterError {
  readonly kind = 'github';
  readonly call: GithubCall;
  readonly missing: string | undefined;

  constructor(
    code: ReasonCode,
    message: string,
    options: Options & { readonly call: GithubCall; readonly missing?: string | undefined },
  ) {
    super(code, message, options);
    this.call = options.call;
    this.missing = options.missing;
  }
}

/** A deadline of ours passed; what AWS was doing may still go on. */
export class TimedOutError extends BreakwaterError {
  readonly kind = 'timed-out';
}

/** Somebody told us to stop. */
export class CancelledError extends BreakwaterError {
  readonly kind = 'cancelled';
}

/** A fault of ours: a bug, or a disk that would not take the record. */
export class InternalError extends BreakwaterError {
  readonly kind = 'internal';
}

/** The error family's member behind any caught value; what is not ours becomes an `InternalError` with the original as cause. */
export function asBreakwaterError(error: unknown): BreakwaterError {
  if (error instanceof BreakwaterError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new InternalError('internal', `unexpected: ${message}`, {
    next: 'This is a fault of Breakwater. Run the same execution again to resume, and report it with the debug log.',
    cause: error,
  });
}
