export type { DatabaseDoubt, DeedContext, Deeds, Inspection, InspectionWarning, ProvedIdentity, WaveServer } from './deeds.ts';
export { type ExecuteParts, type ExecuteRequest, execute, PARTS, type Part } from './execute.ts';
export type { GateToProve, ProveGate, Unproved } from './gates.ts';
export type { Halt } from './halts.ts';
export type { ExecutionLocks } from './locking.ts';
export type { Advance, Operation, OperationContext } from './operation.ts';
export { Pacer } from './pacer.ts';
export { type OperationEnd, runOperation } from './run-operation.ts';
export type { Observe } from './stream.ts';
