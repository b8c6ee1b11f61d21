export type { JournalEvent, JournalLine, Json, JsonObject, Reason, StepKind } from './events.ts';
export { STEP_KINDS } from './events.ts';
export type { ChangeRecord, Execution, ExecutionHeader, RunRecord, ServerRecord, StepRecord, WaveRecord } from './execution.ts';
export type { ExecutionHistory, HistoryStore, Journal, StoreOptions } from './store.ts';
