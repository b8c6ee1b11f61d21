import type { FaultEffect, FaultMatch, FaultSpec } from '../scenario/scenario.ts';

/** A fault that is waiting, active or used up. */
export interface ArmedFault {
  readonly id: number;
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  readonly from: number;
  readonly until: number;
  /** Things that matched since it was armed. */
  seen: number;
  /** Things it hit. */
  hits: number;
}

/** What a fault is matched against; whatever is absent here cannot be matched on. */
export interface FaultSubject {
  readonly service?: string;
  readonly operation?: string;
  readonly account?: string | undefined;
  readonly region?: string;
  readonly document?: string | undefined;
  /** Whether the subject concerns the cluster or instance named. */
  readonly touches?: (database: string) => boolean;
  /** Whether the subject concerns the server named. */
  readonly concerns?: (server: string) => boolean;
}

type EffectOf<K extends FaultEffect['kind']> = Extract<FaultEffect, { kind: K }>;

export const CALL_EFFECTS = ['throttle', 'error', 'unavailable', 'drop', 'slow', 'credentials-expire'] as const;
export type CallEffect = EffectOf<(typeof CALL_EFFECTS)[number]>;

function isCallEffect(effect: FaultEffect): effect is CallEffect {
  return CALL_EFFECTS.some((kind) => kind === effect.kind);
}

export class Faults {
  readonly #armed: ArmedFault[] = [];

  arm(spec: FaultSpec, now: number): ArmedFault {
    const from = now + (spec.after ?? 0);
    const until = spec.for === undefined ? Number.POSITIVE_INFINITY : from + spec.for;
    const fault: ArmedFault = {
      id: this.#armed.length + 1,
      match: spec.match,
      effect: spec.effect,
      from,
      until,
      seen: 0,
      hits: 0,
    };
    this.#armed.push(fault);
    return fault;
  }

  get all(): readonly ArmedFault[] {
    return this.#armed;
  }

  /** The effects that hit a call, in the order in which they were armed. */
  onCall(subject: FaultSubject, now: number): readonly CallEffect[] {
    const effects: CallEffect[] = [];
    for (const fault of this.#armed) {
      if (isCallEffect(fault.effect) && strikes(fault, subject, now)) effects.push(fault.effect);
    }
    return effects;
  }

  /** Uses the first fault of a kind that matches: for effects decided once, when a thing is begun. */
  take<K extends FaultEffect['kind']>(kind: K, subject: FaultSubject, now: number): EffectOf<K> | undefined {
    for (const fault of this.#armed) {
      if (isKind(fault.effect, kind) && strikes(fault, subject, now)) return fault.effect;
    }
    return undefined;
  }

  /** Looks, without using it up, for an active fault: for effects that last as long as the fault does. */
  standing<K extends FaultEffect['kind']>(
    kind: K,
    subject: FaultSubject,
    now: number,
  ): { effect: EffectOf<K>; from: number } | undefined {
    for (const fault of this.#armed) {
      if (isKind(fault.effect, kind) && fault.from <= now && now < fault.until && matches(fault.match, subject)) {
        return { effect: fault.effect, from: fault.from };
      }
    }
    return undefined;
  }
}

function isKind<K extends FaultEffect['kind']>(effect: FaultEffect, kind: K): effect is EffectOf<K> {
  return effect.kind === kind;
}

function strikes(fault: ArmedFault, subject: FaultSubject, now: number): boolean {
  if (now < fault.from || now >= fault.until || !matches(fault.match, subject)) return false;
  fault.seen += 1;
  const { nth, times } = fault.match;
  if (nth !== undefined && fault.seen < nth) return false;
  const most = times ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1);
  if (fault.hits >= most) return false;
  fault.hits += 1;
  return true;
}

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  return (
    (match.service === undefined || match.service === subject.service) &&
    (match.operation === undefined || match.operation === subject.operation) &&
    (match.account === undefined || match.account === subject.account) &&
    (match.region === undefined || match.region === subject.region) &&
    (match.document === undefined || match.document === subject.document) &&
    (match.database === undefined || subject.touches?.(match.database.toLowerCase()) === true) &&
    (match.server === undefined || subject.concerns?.(match.server) === true)
  );
}
