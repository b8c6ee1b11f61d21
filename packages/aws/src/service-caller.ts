import type { Clock } from '@breakwater/core';
import { saysExpired, toAwsError } from './aws-error.ts';
import type { CallContext, Effect } from './call-context.ts';
import { type ClientSettings, clientSettings, type SdkCredentials } from './client-settings.ts';
import type { CredentialSource, Credentials } from './credential-memo.ts';
import { holdStill } from './hold-still.ts';
import { everyItem, type Page } from './paging.ts';
import { retrying, stopped } from './retry.ts';

/** What every client needs to know, wherever it stands. */
export interface Surroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly seed: string;
  readonly userAgent: readonly (readonly [string, string])[];
  readonly endpoint: string | undefined;
  /** Told every secret before it is used. */
  readonly onSecret: (secret: string) => void;
  /** Whether requests stay in this process. */
  readonly inProcess: boolean;
  /** What carries the requests of all clients; loaded when the first client is made. */
  readonly handler: () => Promise<object>;
}

export interface Place {
  readonly service: string;
  readonly account: string | undefined;
  readonly region: string;
  /** None: the service is called unsigned (AssumeRoleWithWebIdentity). */
  readonly credentials: CredentialSource | undefined;
}

/** What is known of a call for the sake of its errors. */
export interface About {
  /** The KMS key it asks for. */
  readonly kmsKey?: string | undefined;
  /** What it sends that must not be quoted. */
  readonly secrets?: readonly string[];
}

/** What an SDK client's `send` takes beside the command. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * One service at one site: makes its client when it is first used, loading the SDK's module only then, and sends every call the
 * same way: fresh credentials, retries by effect, abort of reads, errors in our family.
 */
export class ServiceCaller<Sdk, Client> {
  readonly #surroundings: Surroundings;
  readonly #place: Place;
  readonly #load: () => Promise<Sdk>;
  readonly #create: (sdk: Sdk, settings: ClientSettings) => Client;
  #making: Promise<{ sdk: Sdk; client: Client }> | undefined;
  #made: { sdk: Sdk; client: Client } | undefined;
  /** What the next request is signed with: the memo's answer for the latest call. */
  #signing: Credentials | undefined;
  readonly #firstRequest = gate();

  constructor(
    surroundings: Surroundings,
    place: Place,
    load: () => Promise<Sdk>,
    create: (sdk: Sdk, settings: ClientSettings) => Client,
  ) {
    this.#surroundings = surroundings;
    this.#place = place;
    this.#load = load;
    this.#create = create;
  }

  get region(): string {
    return this.#place.region;
  }

  /** Sends one call; throws a member of the error family. `send` is asked again for each try. */
  async call<Out>(
    operation: string,
    effect: Effect,
    send: (sdk: Sdk, client: Client, options: SendOptions) => Promise<Out>,
    { kmsKey, secrets = [] }: About = {},
  ): Promise<Out> {
    const { clock, signal, seed } = this.#surroundings;
    const call: CallContext = { ...this.context(operation, effect), kmsKey };
    const { credentials } = this.#place;
    let used: Credentials | undefined;
    try {
      return await retrying(
        async () => {
          used = await credentials?.get();
          this.#signing = used;
          const { sdk, client } = this.#made ?? (await holdStill(clock, this.#client()));
          if (effect !== 'read') return await this.#untilSent(send(sdk, client, {}));
          return await abortable(signal, call, (options) => this.#untilSent(send(sdk, client, options)));
        },
        {
          clock,
          signal,
          call,
          seed,
          renewed: async (error) => {
            return credentials !== undefined && used !== undefined && saysExpired(error) && (await credentials.renewed(used));
          },
        },
      );
    } catch (error) {
      throw toAwsError(withoutSecrets(error, [...secretsOf(used), ...secrets]), call);
    }
  }

  /** Every item of a paged read, in AWS's order. */
  everyItem<Item>(
    operation: string,
    page: (sdk: Sdk, client: Client, nextToken: string | undefined, options: SendOptions) => Promise<Page<Item>>,
  ): AsyncGenerator<Item> {
    return everyItem(this.context(operation, 'read'), (nextToken) =>
      this.call(operation, 'read', (sdk, client, options) => page(sdk, client, nextToken, options)),
    );
  }

  context(operation: string, effect: Effect): CallContext {
    const { service, account, region } = this.#place;
    return { service, operation, account, region, effect };
  }

  #client(): Promise<{ sdk: Sdk; client: Client }> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<{ sdk: Sdk; client: Client }> {
    const { userAgent, endpoint } = this.#surroundings;
    const [sdk, handler] = await Promise.all([this.#load(), this.#surroundings.handler()]);
    const settings = clientSettings({
      region: this.#place.region,
      userAgent,
      endpoint,
      handler,
      dispatched: this.#firstRequest.open,
      credentials: this.#place.credentials === undefined ? undefined : this.#sdkCredentials,
    });
    this.#made = { sdk, client: this.#create(sdk, settings) };
    return this.#made;
  }

  /**
   * The SDKs remember credentials by the machine's clock, and for ever when they have no expiry. Ours are remembered by
   * `CredentialMemo` on the run's clock: an expiry long past makes both generations ask before every request.
   */
  readonly #sdkCredentials: SdkCredentials = async () => {
    if (this.#signing === undefined) throw new TypeError('a signed request outside of a call');
    const { accessKeyId, secretAccessKey, sessionToken } = this.#signing;
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }), expiration: new Date(0) };
  };

  /** A client reads the machine's AWS configuration files before its first request: time stands still for that. */
  async #untilSent<Out>(sending: Promise<Out>): Promise<Out> {
    if (this.#surroundings.inProcess && !this.#firstRequest.isOpen()) {
      await holdStill(this.#surroundings.clock, Promise.race([this.#firstRequest.opened, settled(sending)]));
    }
    return sending;
  }
}

function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  );
}

function gate(): { open: () => void; opened: Promise<void>; isOpen: () => boolean } {
  let isOpen = false;
  let resolve: () => void = () => undefined;
  const opened = new Promise<void>((settle) => {
    resolve = settle;
  });
  return {
    open: () => {
      isOpen = true;
      resolve();
    },
    opened,
    isOpen: () => isOpen,
  };
}

/**
 * Sends a read that ends at once when the run is told to stop, whatever the request handler does. Each call has an abort signal
 * of its own: a handler may keep one `onabort` a signal, and a shared one would then abort only the last request.
 */
async function abortable<T>(
  signal: AbortSignal | undefined,
  call: CallContext,
  send: (options: SendOptions) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return send({});
  if (signal.aborted) throw stopped(call, signal);
  const own = new AbortController();
  let reject: (reason: Error) => void = () => undefined;
  const aborted = new Promise<never>((_, settle) => {
    reject = settle;
  });
  const onAbort = () => {
    reject(stopped(call, signal));
    own.abort();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const sending = send({ abortSignal: own.signal });
    sending.catch(() => undefined);
    return await Promise.race([sending, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    aborted.catch(() => undefined);
  }
}

/** The secrets of credentials, also as they stand in a URL that is signed with them. */
function secretsOf(used: Credentials | undefined): readonly string[] {
  const secrets = [used?.secretAccessKey, used?.sessionToken].filter((secret) => secret !== undefined);
  return secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
}

/** AWS or a proxy may quote what it was sent; what it quotes goes into journals and logs. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  const quoted = secrets.filter((secret) => secret !== '' && error instanceof Error && error.message.includes(secret));
  if (!(error instanceof Error) || quoted.length === 0) return error;
  error.message = quoted.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), error.message);
  return error;
}
