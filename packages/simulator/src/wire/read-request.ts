import { AwsFault } from '../aws-fault.ts';
import { MODELS, parseJson } from '../boundary.ts';
import type { OperationModel, ServiceModel } from '../model/service-model.ts';
import { readForm } from './form.ts';
import type { WireRequest } from './message.ts';
import { readXml } from './xml.ts';

export type ServiceName = keyof typeof MODELS;

/** Where a request belongs, read from the request alone (there is no host name to tell). */
export interface Route {
  readonly service: ServiceName;
  readonly operation: string;
  readonly region: string;
  /** Undefined: unsigned. */
  readonly accessKeyId: string | undefined;
  readonly sessionToken: string | undefined;
}

/** A request the simulator cannot place: no such service or operation. Such calls are listed as failures. */
export interface Unroutable {
  readonly service: ServiceName | undefined;
  readonly operation: string;
  readonly region: string;
  readonly fault: AwsFault;
}

/** SigV4: `Credential=AKID/date/region/service/aws4_request`. */
const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;
/** `x-amz-target` of the awsJson services: prefix and operation. */
const TARGETS: readonly (readonly [prefix: string, service: ServiceName])[] = [
  ['AmazonSSM.', 'ssm'],
  ['TrentService.', 'kms'],
  ['secretsmanager.', 'secretsmanager'],
];

function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(MODELS, name);
}

/** Finds service, operation, Region and key id. */
export function routeRequest(request: WireRequest): Route | Unroutable {
  const scope = SCOPE.exec(request.headers['authorization'] ?? '');
  const target = request.headers['x-amz-target'];
  const form = isForm(request) ? new URLSearchParams(request.body) : undefined;
  const region = scope?.[2] ?? 'us-east-1';
  const action = form?.get('Action') ?? undefined;
  const unsignedSts = scope === null && action === 'AssumeRoleWithWebIdentity';
  const targeted = TARGETS.find(([prefix]) => target?.startsWith(prefix) === true)?.[1];
  const name = targeted ?? (unsignedSts ? 'sts' : (scope?.[3] ?? ''));
  if (!isServiceName(name)) {
    const shown = name === '' ? `${request.method} ${request.path} without a signature` : (target ?? action ?? request.path);
    const fault =
      name === ''
        ? new AwsFault('MissingAuthenticationToken', 403, 'Missing Authentication Token')
        : new AwsFault('SimulatorUnknownService', 501, `The simulator has no service '${name}' (asked for ${shown}).`);
    return { service: undefined, operation: shown, region, fault };
  }
  const operation = operationName(MODELS[name], request, target, action);
  if (operation === undefined || !MODELS[name].official.includes(operation)) {
    return {
      service: name,
      operation: operation ?? `${request.method} ${request.path}`,
      region,
      fault: unknownOperation(name, operation, request),
    };
  }
  if (MODELS[name].operations[operation] === undefined) {
    const message = `The simulator does not implement ${name}:${operation}, although AWS has it.`;
    return { service: name, operation, region, fault: new AwsFault('SimulatorNotImplemented', 501, message) };
  }
  return { service: name, operation, region, accessKeyId: scope?.[1], sessionToken: request.headers['x-amz-security-token'] };
}

function isForm(request: WireRequest): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

function operationName(
  model: ServiceModel,
  request: WireRequest,
  target: string | undefined,
  action: string | undefined,
): string | undefined {
  if (model.protocol === 'aws-json') return target?.slice(target.indexOf('.') + 1);
  if (model.protocol !== 'rest-json' && model.protocol !== 'rest-xml') return action;
  for (const [operation, route] of Object.entries(model.routes ?? {})) {
    if (pathLabels(route, request) !== undefined) return operation;
  }
  return undefined;
}

/** The labels of a path template such as `POST /tags/{resourceArn}`; undefined if the request does not match it. */
function pathLabels(route: string, request: WireRequest): Readonly<Record<string, string>> | undefined {
  const [method, template = ''] = route.split(' ');
  if (method !== request.method) return undefined;
  const wanted = template.split('/');
  const given = request.path.split('/');
  if (wanted.length !== given.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) {
      try {
        labels[part.slice(1, -1)] = decodeURIComponent(value);
      } catch {
        return undefined;
      }
    } else if (part !== value) return undefined;
  }
  return labels;
}

function unknownOperation(service: ServiceName, operation: string | undefined, request: WireRequest): AwsFault {
  switch (service) {
    case 'drs':
    case 'rds-data':
    case 'route53':
      return new AwsFault('UnknownOperationException', 404, `No operation at ${request.method} ${request.path}`);
    case 'ssm':
    case 'kms':
    case 'secretsmanager':
      return new AwsFault('UnknownOperationException', 400, '');
    case 'sts':
    case 'rds':
    case 'sns': {
      const { apiVersion } = MODELS[service];
      return new AwsFault('InvalidAction', 400, `Could not find operation ${operation ?? ''} for version ${apiVersion}`);
    }
    case 'ec2':
      return new AwsFault('InvalidAction', 400, `The action ${operation ?? ''} is not valid for this web service.`);
  }
}

/** The operation's input as the request carries it, not yet validated. Throws `AwsFault` for a body that cannot be parsed. */
export function readInput(service: ServiceName, operation: OperationModel, request: WireRequest): Record<string, unknown> {
  const model = MODELS[service];
  if (model.protocol === 'query' || model.protocol === 'ec2-query') {
    return readForm(model, operation.input, new URLSearchParams(request.body));
  }
  const input = request.body === '' ? {} : readBody(model, operation, request.body);
  if (model.protocol === 'aws-json') return input;
  Object.assign(input, pathLabels(`${operation.method} ${operation.path}`, request));
  for (const [name, member] of Object.entries(model.shapes[operation.input]?.members ?? {})) {
    if (member.in !== 'querystring') continue;
    const values = request.query.getAll(member.as ?? name);
    if (values.length === 0) continue;
    if (member.type === 'list') input[name] = values;
    else input[name] = member.type === 'integer' ? Number(values[0]) : values[0];
  }
  return input;
}

function readBody(model: ServiceModel, operation: OperationModel, body: string): Record<string, unknown> {
  if (model.protocol === 'rest-xml') return readXml(model, operation.input, body);
  try {
    const value = parseJson(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Answered below, as AWS answers it.
  }
  throw model.protocol === 'aws-json'
    ? new AwsFault('SerializationException', 400, '')
    : new AwsFault('ValidationException', 400, 'The request body is not a JSON object.', { reason: 'cannotParse' });
}
