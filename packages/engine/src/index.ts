export type { DeedContext, Deeds, Inspection, InspectionWarning, ProvedIdentity, WaveServer } from './deeds.ts';
export type { Advance, Operation, OperationContext } from './operation.ts';
