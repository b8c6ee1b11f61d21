export type { DatabaseDoubt, DeedContext, Deeds, Inspection, InspectionWarning, ProvedIdentity, WaveServer } from './deeds.ts';
export { type ExecuteParts, type ExecuteRequest, execute, type Halt } from './execute.ts';
export type { Advance, Operation, OperationContext } from './operation.ts';
export { Pacer } from './pacer.ts';
export { type OperationEnd, runOperation } from './run-operation.ts';
export type { Observe } from './stream.ts';
