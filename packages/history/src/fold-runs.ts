import type { JournalLine } from './events.ts';
import type { RunRecord, SharingRecord } from './execution.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One process's part in an execution, folded from its stream. */
export class RunFold {
  readonly #name: string;
  #record: Mutable<RunRecord> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  apply(line: JournalLine, at: number): void {
    if (line.type === 'run-started') {
      const { actor, tool, resumed, waves, approvals } = line;
      this.#record = { run: this.#name, actor, tool, startedAt: at, resumed, waves, approvals, identities: [] };
    }
    if (this.#record === undefined) return;
    switch (line.type) {
      case 'identity-proved': {
        const { site, account, region, arn } = line;
        const others = this.#record.identities.filter((known) => known.site !== site);
        this.#record.identities = [...others, { site, account, region, arn }];
        break;
      }
      case 'history-unreachable':
        this.#shared('unreachable', at, line.reason.message);
        break;
      case 'history-joined':
        this.#shared('joined', at, `joined ${line.place} with commit ${line.commit.slice(0, 12)}`);
        break;
      case 'history-rewritten':
        this.#shared('rewritten', at, line.reason.message);
        break;
      case 'locks-unavailable':
        this.#shared('without-locks', at, line.reason.message);
        break;
      case 'drill-pre-empted':
        this.#shared('pre-empted', at, preempted(line));
        break;
      case 'run-interrupted':
        this.#record.interruptedBy = line.signal;
        this.#record.stillRunning = line.stillRunning;
        this.#record.resume = line.resume;
        this.#record.endedAt = at;
        break;
      case 'run-finished':
        this.#record.outcome = { verdict: line.verdict, reason: line.reason };
        this.#record.endedAt = at;
        break;
    }
  }

  #shared(event: SharingRecord['event'], at: number, message: string): void {
    if (this.#record === undefined) return;
    this.#record.sharing = [...(this.#record.sharing ?? []), { event, at, message }];
  }

  record(): RunRecord | undefined {
    return this.#record === undefined ? undefined : { ...this.#record };
  }
}

function preempted({ drill, plan, owner, broken }: Extract<JournalLine, { readonly type: 'drill-pre-empted' }>): string {
  const whose = `drill ${drill} of plan ${plan} (${owner})`;
  return broken === undefined
    ? `${whose} was asked to let go of its servers`
    : `${whose} did not let go in time: its locks were broken`;
}
