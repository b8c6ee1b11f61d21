export { type Clock, type ClockScale, scaledClock, systemClock } from './clock.ts';
export { deterministicUuid } from './deterministic-id.ts';
export { DURATION_EXAMPLES, DURATION_PATTERN, formatDuration, parseDuration, parseIsoDuration } from './duration.ts';
export {
  type AwsCall,
  AwsError,
  asBreakwaterError,
  BreakwaterError,
  CancelledError,
  type GithubCall,
  GithubError,
  InternalError,
  type Location,
  RefusedError,
  TimedOutError,
  UserError,
} from './errors.ts';
export { groupBy } from './group-by.ts';
export { HAND_OVER } from './hand-over.ts';
export { holdStill } from './hold-still.ts';
export { isReasonCode, REASON_CODES, type ReasonCode } from './reason-codes.ts';
export { shellCommand } from './shell-words.ts';
export { allowsDependents, isFinal, MODES, type Mode, STATUSES, type Status, VERDICTS, type Verdict } from './status.ts';
export { VirtualClock } from './virtual-clock.ts';
