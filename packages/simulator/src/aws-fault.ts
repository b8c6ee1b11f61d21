/**
 * An error as AWS would answer it: not a fault of the simulator. It never leaves the simulator as an exception; the wire layer
 * writes it in the service's own protocol.
 */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error body, as `resourceId` or `quotaCode`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'AwsFault';
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** The connection broke: what a client sees is what the SDK's node handler makes of a reset socket. */
export class ConnectionReset extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('socket hang up');
    // The SDK's node handler gives this name to ECONNRESET, EPIPE and ETIMEDOUT alike.
    this.name = 'TimeoutError';
  }
}
