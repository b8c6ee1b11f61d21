import type { Clock, Mode } from '@breakwater/core';
import type { Execution, ExecutionHeader, JournalLine } from '@breakwater/history';

/** What a door (the CLI, an action) asks for, already typed and parsed. */
export interface RunRequest {
  /** Plan files or folders. */
  readonly files: readonly string[];
  /** Name of the plan; none: the only one in the files. */
  readonly plan?: string;
  readonly mode: Mode;
  /** Only these waves; none: all. */
  readonly waves: readonly string[];
  /** Execution to start under this id, or to resume; none: a new id is made. */
  readonly execution?: string;
  /** Folder of the history. */
  readonly history: string;
  /** Waves whose gate somebody has approved. */
  readonly approvals: readonly string[];
  /** Source servers whose live recovery instance may be replaced. */
  readonly replaceLive: readonly string[];
  readonly actor: string;
  readonly commit?: string;
}

/** How AWS is reached. */
export interface AwsAccess {
  /**
   * `default`: the SDK's chain. `static`: these and no others, so that a rehearsal never reads a person's own profile.
   * `web-identity`: a token source such as GitHub's OIDC, asked again before credentials expire.
   */
  readonly credentials:
    | { readonly kind: 'default' }
    | {
        readonly kind: 'static';
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | { readonly kind: 'web-identity'; readonly roleArn: string; readonly token: () => Promise<string> };
  /** The in-process simulator instead of the network. */
  readonly requestHandler?: object;
  /** Another address for every AWS service, as `http://127.0.0.1:4000`: the simulator over HTTP. */
  readonly endpoint?: string;
  /** Told every secret before it is used, so that a log can mask it. */
  readonly onSecret?: (secret: string) => void;
}

export interface RunEnvironment {
  readonly clock: Clock;
  /** Abort to stop: a marker is written, AWS goes on, and the outcome says how to resume. `signal.reason` names the cause (`SIGINT`). */
  readonly signal: AbortSignal;
  readonly aws: AwsAccess;
  /** True when AWS is the simulator; the record says so. */
  readonly simulated: boolean;
  /** Told every journal line once it is durable, and the execution as it then stands. */
  readonly observe?: (line: JournalLine, stream: string, execution: Execution) => void;
  /** Told when the execution id is known, before anything starts. */
  readonly began?: (header: ExecutionHeader, place: string) => void;
}

export interface RunOutcome {
  readonly execution: Execution;
  /** Where its history lies. */
  readonly place: string;
  /** Where the Markdown report lies; none when it could not be written (the reason is then in `problems`). */
  readonly report?: string;
  readonly problems: readonly string[];
}
