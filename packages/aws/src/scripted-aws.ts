/** For tests: AWS as a script, in process. Records every request and answers by operation. */

export interface SentRequest {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** Access key id of the signature; `undefined` for an unsigned request. */
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body, the fields of a query-protocol form, or the query string with an XML body as `xml`. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly host: string;
}

/** What AWS says: JSON of a body, or a whole answer, or an error of the socket. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly xml?: string;
  readonly socketError?: string;
}

export type Script = (request: SentRequest, nth: number) => ScriptedAnswer | Promise<ScriptedAnswer>;

interface WireRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** A request handler for both SDK generations that answers with `script`, told how many times the operation was asked before. */
export class ScriptedAws {
  readonly sent: SentRequest[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  async handle(wire: WireRequest): Promise<{ response: object }> {
    const request = readRequest(wire);
    const nth = this.operations().filter((operation) => operation === request.operation).length;
    this.sent.push(request);
    const answer = await this.#script(request, nth);
    if (answer.socketError !== undefined) {
      throw Object.assign(new Error(`socket failed: ${answer.socketError}`), { code: answer.socketError });
    }
    const body = answer.xml ?? JSON.stringify(answer.json ?? {});
    return {
      response: {
        statusCode: answer.status ?? 200,
        headers: { 'x-amzn-requestid': `request-${this.sent.length}`, ...answer.headers },
        body: new TextEncoder().encode(body),
      },
    };
  }

  operations(): string[] {
    return this.sent.map(({ operation }) => operation);
  }
}

/** Where the path is not called like the operation. */
const OPERATIONS: Readonly<Record<string, string>> = { tags: 'TagResource', Execute: 'ExecuteStatement' };

/** Route 53 is told apart by method and path. */
function route53Operation({ method, path }: WireRequest): string | undefined {
  if (!path.startsWith('/2013-04-01/')) return undefined;
  if (path.includes('/change/')) return 'GetChange';
  return method === 'POST' ? 'ChangeResourceRecordSets' : 'ListResourceRecordSets';
}

function readRequest(wire: WireRequest): SentRequest {
  const headers = Object.fromEntries(Object.entries(wire.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const scope = /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\//.exec(headers['authorization'] ?? '');
  const text = typeof wire.body === 'string' ? wire.body : new TextDecoder().decode(wire.body);
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const route53 = route53Operation(wire);
  const input: Record<string, unknown> =
    route53 !== undefined
      ? { ...wire.query, ...(text === '' ? {} : { xml: text }) }
      : form
        ? Object.fromEntries(new URLSearchParams(text))
        : text === ''
          ? {}
          : JSON.parse(text);
  const target = headers['x-amz-target']?.split('.').at(-1);
  const path = wire.path.split('/')[1] ?? '';
  return {
    service: scope?.[3] ?? wire.hostname.split('.')[0] ?? '',
    operation: target ?? route53 ?? (form ? String(input['Action']) : (OPERATIONS[path] ?? path)),
    region: scope?.[2] ?? wire.hostname.split('.')[1] ?? '',
    key: scope?.[1],
    headers,
    input,
    path: wire.path,
    host: wire.hostname,
  };
}

/** A DRS error as the service sends it: the name in a header, members in the body. */
export function drsError(status: number, name: string, body: Record<string, unknown> = {}): ScriptedAnswer {
  return {
    status,
    headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/` },
    json: { message: `${name} said`, ...body },
  };
}

/** An SSM error: the name in the body, with its namespace. */
export function ssmError(status: number, name: string, message = `${name} said`): ScriptedAnswer {
  return { status, json: { __type: `com.amazonaws.ssm#${name}`, message } };
}

/** An error of the services that speak the query protocol: STS, RDS, SNS. */
export function queryError(status: number, code: string, message = `${code} said`): ScriptedAnswer {
  return {
    status,
    xml: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-query</RequestId></ErrorResponse>`,
  };
}

export function ec2Error(status: number, code: string, message = `${code} said`): ScriptedAnswer {
  return {
    status,
    xml: `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r-ec2</RequestID></Response>`,
  };
}

export function ec2Answer(operation: string, inner: string): ScriptedAnswer {
  return {
    xml: `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-ec2</requestId>${inner}</${operation}Response>`,
  };
}

/** An answer of RDS or SNS; `inner` is what stands in the result. */
export function queryAnswer(operation: string, inner = ''): ScriptedAnswer {
  return {
    xml: `<${operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${operation}Result>${inner}</${operation}Result><ResponseMetadata><RequestId>r-query</RequestId></ResponseMetadata></${operation}Response>`,
  };
}

/** The answer of AssumeRole and AssumeRoleWithWebIdentity. */
export function session(operation: string, accessKeyId: string, expiresAt: number): ScriptedAnswer {
  return {
    xml: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret-of-${accessKeyId}</SecretAccessKey><SessionToken>token-of-${accessKeyId}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials></${operation}Result><ResponseMetadata><RequestId>r-sts</RequestId></ResponseMetadata></${operation}Response>`,
  };
}

export function callerIdentity(account: string): ScriptedAnswer {
  return {
    xml: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::${account}:assumed-role/dr/run</Arn><UserId>A:run</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  };
}

/** An answer of Route 53; `inner` is what stands in the root element. */
export function route53Answer(operation: string, inner: string): ScriptedAnswer {
  return {
    xml: `<?xml version="1.0" encoding="UTF-8"?><${operation}Response xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${inner}</${operation}Response>`,
  };
}
