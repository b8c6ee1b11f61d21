import { propertyOf } from './boundary.ts';

/** What we read of an error of either SDK generation, before we name it. */
export interface Fault {
  /** AWS's code, or the name of the local error. */
  readonly code: string;
  /** As AWS wrote it, with the fields AWS complains of. */
  readonly message: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  readonly quotaCode: string | undefined;
  /**
   * The answer is missing or is AWS's own failure: nobody knows whether a change was applied. A 4xx answer is never lost,
   * a 5xx one and a broken connection always are.
   */
  readonly lost: boolean;
  /** Lost because of AWS or of the way to it; otherwise what was lost was lost to a mistake on this machine. */
  readonly unavailable: boolean;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Names that say nothing, so that the status or the Node error code says more. */
const EMPTY_NAMES = new Set([
  'Error',
  'Unknown',
  'UnknownError',
  'DrsServiceException',
  'SSMServiceException',
  'EC2ServiceException',
  'RDSServiceException',
  'RDSDataServiceException',
  'KMSServiceException',
  'SecretsManagerServiceException',
  'SNSServiceException',
  'Route53ServiceException',
]);

/** What the SDKs and Node call a call that timed out on our side, although a 4xx status may come with some. */
const TIMEOUT_NAMES = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);

/** A statement of the Data API that outlived its call goes on, although this comes with a 400. */
const GOES_ON = 'StatementTimeoutException';

/** Errors that are made on this machine before anything is sent. */
const NEVER_SENT = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError']);

/**
 * Reads an error as both SDK generations throw them. `Code` is the wire code of the query services, `name` the code everywhere
 * else. DRS (3.523) without the header `x-amzn-ErrorType` takes its name from the body's `code` before `__type`; then the name
 * is not one of AWS's exceptions, and the shape name is looked for in what else the body left on the error.
 */
export function readFault(error: unknown): Fault {
  const metadata = propertyOf(error, '$metadata');
  const response = propertyOf(error, '$response');
  const httpStatus = statusOf(propertyOf(metadata, 'httpStatusCode')) ?? statusOf(propertyOf(response, 'statusCode'));
  const code = codeOf(error, httpStatus);
  const lost = !NEVER_SENT.has(code) && isLost(code, httpStatus);
  return {
    code,
    message: messageOf(error),
    httpStatus,
    requestId: text(propertyOf(metadata, 'requestId')) ?? text(propertyOf(error, 'RequestId')),
    quotaCode: text(propertyOf(error, 'quotaCode')),
    lost,
    unavailable: lost && (httpStatus !== undefined || TIMEOUT_NAMES.has(code) || nodeCode(error) !== undefined),
  };
}

function isLost(code: string, httpStatus: number | undefined): boolean {
  if (TIMEOUT_NAMES.has(code) || code === GOES_ON) return true;
  // An answer that is no error by its status but could not be read is lost as well.
  return httpStatus === undefined || httpStatus < 400 || httpStatus >= 500;
}

/** Route 53 may list what is wrong with a batch of changes without the frame, and so without the code, that its other errors have. */
function batchMessages(error: unknown): readonly string[] {
  const messages = propertyOf(propertyOf(error, 'Messages'), 'Message');
  return [messages].flat().flatMap((message) => text(message) ?? []);
}

function codeOf(error: unknown, httpStatus: number | undefined): string {
  if (batchMessages(error).length > 0) return 'InvalidChangeBatch';
  const shape = shapeName(text(propertyOf(error, '__type')));
  const candidates = [
    text(propertyOf(error, 'Code')),
    shape,
    text(propertyOf(error, 'name')),
    text(propertyOf(error, 'code')),
    httpStatus === undefined ? undefined : `Http${httpStatus}`,
  ];
  const named = candidates.find(
    (candidate) => candidate !== undefined && !EMPTY_NAMES.has(candidate) && !/^\d+$/.test(candidate),
  );
  return named ?? 'UnknownError';
}

/** `com.amazonaws.drs#ConflictException:http://…` is a ConflictException. */
function shapeName(type: string | undefined): string | undefined {
  return type?.split(':')[0]?.split('#').at(-1);
}

function messageOf(error: unknown): string {
  const said =
    text(propertyOf(error, 'message')) ??
    text(propertyOf(error, 'Message')) ??
    text(propertyOf(propertyOf(error, 'Error'), 'Message'));
  const batch = batchMessages(error);
  if (batch.length > 0) return batch.join('; ');
  const parts = [said === undefined || EMPTY_NAMES.has(said) ? 'no message' : said];
  const fields = propertyOf(error, 'fieldList');
  if (Array.isArray(fields)) {
    for (const field of fields)
      parts.push(`${text(propertyOf(field, 'name')) ?? 'field'}: ${text(propertyOf(field, 'message')) ?? 'invalid'}`);
  }
  const resource = text(propertyOf(error, 'resourceId'));
  if (resource !== undefined && !parts.join(' ').includes(resource)) parts.push(`resource ${resource}`);
  const node = nodeCode(error);
  if (node !== undefined && !parts.join(' ').includes(node)) parts.push(node);
  return parts.join('; ');
}

/** What Node and OpenSSL call a failed connection: ECONNRESET, EAI_AGAIN, CERT_HAS_EXPIRED, HPE_INVALID_CONSTANT. */
function nodeCode(error: unknown): string | undefined {
  const code = text(propertyOf(error, 'code'));
  return code !== undefined && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}

function statusOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 100 ? value : undefined;
}
