/** One call, as `GET /_simulator/calls` lists it. */
export interface CallRecord {
  readonly number: number;
  /** `unknown` for a request that names no service of the simulator. */
  readonly service: string;
  readonly operation: string;
  readonly account: string | undefined;
  readonly region: string;
  /** ARN of the caller, when it could be told. */
  readonly principal: string | undefined;
  /** When it arrived, epoch milliseconds on the world's clock. */
  readonly at: number;
  /** The input with secrets replaced; undefined if it could not be read. */
  readonly request: Readonly<Record<string, unknown>> | undefined;
  /** `ok`, an error code, `dropped`, `aborted`, or `open` while it is being answered. */
  outcome: string;
  /** HTTP status answered; undefined if none was. */
  status: number | undefined;
  /** Whether it changed the world. Reads never do; a change can be applied although its answer was lost. */
  applied: boolean;
  /** Kinds of the faults that hit it. */
  readonly faults: string[];
  /** AWS or the simulator does not know what was asked: a mistake of the client or a gap of the simulator. */
  readonly unroutable: boolean;
}

const SECRET =
  /^(WebIdentityToken|SessionToken|SecretAccessKey|TokenCode|Password|Policy|MasterUserPassword|PreSignedUrl|SecretString|SecretBinary)$/;

/** Members that are secret in some operations only. */
const SECRET_IN: Readonly<Record<string, readonly string[]>> = {
  PutParameter: ['Value'],
  ExecuteStatement: ['parameters'],
};

/** A copy in which secrets are replaced. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, SECRET.test(key) ? '***' : redact(item)]));
}

/** A request as the log shows it. Literals of a statement that sets a password are replaced too. */
export function redactInput(operation: string, input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      if (SECRET.test(name) || SECRET_IN[operation]?.includes(name) === true) return [name, '***'];
      return [name, name === 'sql' && typeof value === 'string' ? redactSql(value) : redact(value)];
    }),
  );
}

function redactSql(sql: string): string {
  if (!/password|identified|encrypted/i.test(sql)) return sql;
  return sql.replaceAll(/'(?:[^'\\]|\\.|'')*'|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|"(?:[^"\\]|\\.)*"(?=\s*$)/g, "'***'");
}
