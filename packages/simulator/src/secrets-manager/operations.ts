import { AwsFault } from '../aws-fault.ts';
import { epochSeconds } from '../wire-time.ts';
import { type CallContext, type Handler, handler } from '../world/call-context.ts';
import { requireSecretKey } from './secret-key.ts';
import { findSecret, putSecret, type Secret, type SecretVersion } from './secrets.ts';

interface SecretRequest {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

interface WriteRequest {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
  readonly ClientRequestToken?: string;
}

function secretOf({ state, now }: CallContext, id: string): Secret {
  const secret = findSecret(state, id, now);
  if (secret === undefined)
    throw new AwsFault('ResourceNotFoundException', 400, "Secrets Manager can't find the specified secret.");
  return secret;
}

function stagesOf({ versions }: Secret, version: SecretVersion): readonly string[] {
  const back = versions.length - 1 - versions.indexOf(version);
  return back === 0 ? ['AWSCURRENT'] : back === 1 ? ['AWSPREVIOUS'] : [];
}

const getSecretValue = handler<SecretRequest>((context, input) => {
  const secret = secretOf(context, input.SecretId);
  requireSecretKey(context, secret, ['Decrypt']);
  const stage = input.VersionStage ?? (input.VersionId === undefined ? 'AWSCURRENT' : undefined);
  const version = secret.versions.find(
    (one) =>
      (input.VersionId === undefined || one.id === input.VersionId) &&
      (stage === undefined || stagesOf(secret, one).includes(stage)),
  );
  if (version === undefined) {
    throw new AwsFault(
      'ResourceNotFoundException',
      400,
      `Secrets Manager can't find the specified secret value for ${input.VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${input.VersionId}`}`,
    );
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.value,
    VersionStages: stagesOf(secret, version),
    CreatedDate: epochSeconds(version.createdAt),
  };
});

function textOf({ SecretString, SecretBinary }: WriteRequest): string {
  if (SecretBinary !== undefined) throw new AwsFault('InvalidRequestException', 400, 'The simulator keeps no binary secrets.');
  if (SecretString === undefined)
    throw new AwsFault('InvalidRequestException', 400, 'You must provide either SecretString or SecretBinary.');
  return SecretString;
}

const putSecretValue = handler<SecretRequest & WriteRequest>((context, input) => {
  const secret = secretOf(context, input.SecretId);
  const value = textOf(input);
  if (secret.owner !== undefined) {
    throw new AwsFault(
      'InvalidRequestException',
      400,
      "You can't perform this operation on a secret that is managed by another service.",
    );
  }
  requireSecretKey(context, secret, ['GenerateDataKey', 'Decrypt']);
  const same = secret.versions.find((version) => version.id === input.ClientRequestToken);
  if (same !== undefined && same.value !== value) {
    throw new AwsFault(
      'ResourceExistsException',
      400,
      `You can't modify the value of an existing version; ${same.id} has another value.`,
    );
  }
  if (same === undefined) {
    context.changed();
    putSecret(context.world, context.state, secret.name, value, context.now, versionOf(input));
  }
  const version = same ?? secret.versions.at(-1);
  return { ARN: secret.arn, Name: secret.name, VersionId: version?.id, VersionStages: version && stagesOf(secret, version) };
});

function versionOf({ ClientRequestToken: token }: WriteRequest): { readonly versionId?: string } {
  return token === undefined ? {} : { versionId: token };
}

interface CreateRequest extends WriteRequest {
  readonly Name: string;
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
}

const createSecret = handler<CreateRequest>((context, input) => {
  const { world, state, now } = context;
  const old = state.secrets.get(input.Name);
  const value = textOf(input);
  const same = old?.versions.find((version) => version.id === input.ClientRequestToken && version.value === value);
  if (old !== undefined && same !== undefined) return { ARN: old.arn, Name: old.name, VersionId: same.id };
  if (old !== undefined) {
    throw new AwsFault('ResourceExistsException', 400, `The operation failed because the secret ${input.Name} already exists.`);
  }
  context.changed();
  const secret = putSecret(world, state, input.Name, value, now, versionOf(input));
  secret.tags = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.versions[0]?.id };
});

const describeSecret = handler<SecretRequest>((context, input) => {
  const secret = secretOf(context, input.SecretId);
  return {
    ARN: secret.arn,
    Name: secret.name,
    OwningService: secret.owner,
    CreatedDate: epochSeconds(secret.createdAt),
    LastChangedDate: epochSeconds(secret.versions.at(-1)?.createdAt ?? secret.createdAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    VersionIdsToStages: Object.fromEntries(
      secret.versions
        .map((version) => [version.id, stagesOf(secret, version)] as const)
        .filter(([, stages]) => stages.length > 0),
    ),
  };
});

export const SECRETS_MANAGER_HANDLERS: Readonly<Record<string, Handler>> = {
  GetSecretValue: getSecretValue,
  PutSecretValue: putSecretValue,
  CreateSecret: createSecret,
  DescribeSecret: describeSecret,
};
