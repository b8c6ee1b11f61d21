import type { Member, ServiceModel, TypeRef } from './service-model.ts';

/** One way in which a value breaks the model. `message` is worded as AWS words it. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

const patterns = new Map<string, RegExp>();

/** Patterns in the models must match the whole value. */
function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    try {
      pattern = new RegExp(`^(?:${source})$`, 'u');
    } catch {
      // A few official patterns escape characters that the `u` flag does not allow to be escaped.
      pattern = new RegExp(`^(?:${source})$`);
    }
    patterns.set(source, pattern);
  }
  return pattern;
}

/** All violations of one structure shape; empty if the value fits. Members that are null or undefined count as absent. */
export function validate(model: ServiceModel, shape: string, value: unknown): readonly Violation[] {
  const violations: Violation[] = [];
  checkStructure(model, shape, value, '', violations);
  return violations;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkStructure(model: ServiceModel, shape: string, value: unknown, path: string, out: Violation[]): void {
  if (!isRecord(value)) {
    out.push({ path, message: `Value at '${path}' must be a structure` });
    return;
  }
  const members: Readonly<Record<string, Member>> = model.shapes[shape]?.members ?? {};
  for (const [name, member] of Object.entries(members)) {
    const at = path === '' ? name : `${path}.${name}`;
    const item = value[name];
    if (item === undefined || item === null) {
      if (member.required === true) {
        out.push({ path: at, message: `Value null at '${at}' failed to satisfy constraint: Member must not be null` });
      }
    } else check(model, member, item, at, out);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name) && value[name] !== undefined) {
      const at = path === '' ? name : `${path}.${name}`;
      out.push({ path: at, message: `Unknown member '${at}'` });
    }
  }
}

function check(model: ServiceModel, type: TypeRef, value: unknown, path: string, out: Violation[]): void {
  switch (type.type) {
    case 'structure':
      checkStructure(model, type.shape, value, path, out);
      return;
    case 'list':
      if (!Array.isArray(value)) {
        out.push({ path, message: `Value at '${path}' must be a list` });
        return;
      }
      checkSize('length', value.length, type, path, '[…]', out);
      value.forEach((item: unknown, index) => {
        check(model, type.of, item, `${path}.${index + 1}.member`, out);
      });
      return;
    case 'map':
      if (!isRecord(value)) {
        out.push({ path, message: `Value at '${path}' must be a map` });
        return;
      }
      checkSize('length', Object.keys(value).length, type, path, '{…}', out);
      for (const [key, item] of Object.entries(value)) {
        check(model, type.key, key, `${path}.key`, out);
        check(model, type.value, item, `${path}.${key}.member`, out);
      }
      return;
    case 'string':
      checkString(type, value, path, out);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') out.push({ path, message: `Value '${String(value)}' at '${path}' must be a boolean` });
      return;
    case 'integer':
    case 'long':
    case 'double':
    case 'float':
      if (
        typeof value !== 'number' ||
        !Number.isFinite(value) ||
        (type.type !== 'double' && type.type !== 'float' && !Number.isInteger(value))
      ) {
        out.push({ path, message: `Value '${String(value)}' at '${path}' must be a number (${type.type})` });
      } else checkSize('value', value, type, path, String(value), out);
      return;
    case 'timestamp':
      if (typeof value !== 'number' && typeof value !== 'string')
        out.push({ path, message: `Value at '${path}' must be a timestamp` });
      return;
    case 'blob':
      if (typeof value !== 'string') out.push({ path, message: `Value at '${path}' must be a blob` });
  }
}

function checkString(type: Extract<TypeRef, { type: 'string' }>, value: unknown, path: string, out: Violation[]): void {
  if (typeof value !== 'string') {
    out.push({ path, message: `Value '${JSON.stringify(value)}' at '${path}' must be a string` });
    return;
  }
  const shown = type.sensitive === true ? '***Sensitive Data Redacted***' : value;
  checkSize('length', value.length, type, path, shown, out);
  const failed = `Value '${shown}' at '${path}' failed to satisfy constraint:`;
  if (type.pattern !== undefined && !patternOf(type.pattern).test(value)) {
    out.push({ path, message: `${failed} Member must satisfy regular expression pattern: ${type.pattern}` });
  }
  if (type.enum !== undefined && !type.enum.includes(value)) {
    out.push({ path, message: `${failed} Member must satisfy enum value set: [${type.enum.join(', ')}]` });
  }
}

function checkSize(
  what: 'length' | 'value',
  size: number,
  { min, max }: { readonly min?: number; readonly max?: number },
  path: string,
  shown: string,
  out: Violation[],
): void {
  const failed = `Value '${shown}' at '${path}' failed to satisfy constraint: Member must have ${what}`;
  if (min !== undefined && size < min) out.push({ path, message: `${failed} greater than or equal to ${min}` });
  if (max !== undefined && size > max) out.push({ path, message: `${failed} less than or equal to ${max}` });
}
