import { AwsFault } from '../aws-fault.ts';
import { MODELS } from '../boundary.ts';

/**
 * An error of RDS by the name of its shape; the code on the wire and the status are the model's. Undeclared ones
 * (InvalidParameterValue, InvalidParameterCombination, …) are 400 and spelled as they are.
 */
export function rdsFault(shape: string, message: string): AwsFault {
  const modelled = MODELS.rds.errors[shape];
  return new AwsFault(modelled?.code ?? shape, modelled?.status ?? 400, message);
}

export function invalidValue(message: string): AwsFault {
  return rdsFault('InvalidParameterValue', message);
}

export function invalidCombination(message: string): AwsFault {
  return rdsFault('InvalidParameterCombination', message);
}
