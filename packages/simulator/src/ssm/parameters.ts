import { AwsFault } from '../aws-fault.ts';
import { epochSeconds } from '../wire-time.ts';
import { handler } from '../world/call-context.ts';

/** A parameter with its newest value. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly version: number;
  readonly changedAt: number;
}

interface PutRequest {
  readonly Name: string;
  readonly Value: string;
  readonly Type?: string;
  readonly Overwrite?: boolean;
  readonly Tags?: readonly unknown[];
}

const LARGEST_STANDARD = 4_096;

export const putParameter = handler<PutRequest>((context, input) => {
  const { state, now } = context;
  const { parameters } = state.ssm;
  if (!/^\/?[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/.test(input.Name) || /^\/?(aws|ssm)/i.test(input.Name)) {
    throw new AwsFault(
      'ValidationException',
      400,
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive), and can only contain letters, numbers and .-_/`,
    );
  }
  if (Buffer.byteLength(input.Value) > LARGEST_STANDARD) {
    throw new AwsFault(
      'ValidationException',
      400,
      'Standard tier parameters support a maximum parameter value of 4096 characters.',
    );
  }
  const old = parameters.get(input.Name);
  if (old !== undefined && input.Overwrite !== true) {
    throw new AwsFault(
      'ParameterAlreadyExists',
      400,
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = input.Type ?? old?.type;
  if (type === undefined)
    throw new AwsFault('ValidationException', 400, 'A parameter type is required when you create a parameter.');
  if (input.Overwrite === true && (input.Tags ?? []).length > 0) {
    throw new AwsFault('ValidationException', 400, "Invalid request: tags and overwrite can't be used together.");
  }
  context.changed();
  const version = (old?.version ?? 0) + 1;
  parameters.set(input.Name, { name: input.Name, type, value: input.Value, version, changedAt: now });
  return { Version: version, Tier: 'Standard' };
});

export const getParameter = handler<{ readonly Name: string; readonly WithDecryption?: boolean }>(({ world, state }, input) => {
  const parameter = state.ssm.parameters.get(input.Name);
  if (parameter === undefined) throw new AwsFault('ParameterNotFound', 400, '');
  const hidden = parameter.type === 'SecureString' && input.WithDecryption !== true;
  return {
    Parameter: {
      Name: parameter.name,
      Type: parameter.type,
      Value: hidden ? world.random.base62(64, 'encrypted', parameter.name, parameter.version) : parameter.value,
      Version: parameter.version,
      LastModifiedDate: epochSeconds(parameter.changedAt),
      ARN: `arn:aws:ssm:${state.region}:${state.account}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
      DataType: 'text',
    },
  };
});
