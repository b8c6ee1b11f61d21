import { AwsFault } from '../aws-fault.ts';
import type { Member, ServiceModel, TypeRef } from '../model/service-model.ts';

/** What `Tags.member.1.Key=a` says, as a tree of names. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

const NEVER_INPUT = new Set(['Action', 'Version']);

/**
 * Reads the form of awsQuery (`List.member.1`) or ec2Query (`List.1`) into the operation's input, by its shape. Names that the
 * shape does not know are kept, so that validation refuses them.
 */
export function readForm(model: ServiceModel, shape: string, form: URLSearchParams): Record<string, unknown> {
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    if (NEVER_INPUT.has(key)) continue;
    let node = root;
    for (const part of key.split('.')) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return readStructure(model, shape, root);
}

function readStructure(model: ServiceModel, shape: string, node: Node): Record<string, unknown> {
  const members: Readonly<Record<string, Member>> = model.shapes[shape]?.members ?? {};
  const byWire = new Map(Object.entries(members).map(([name, member]) => [member.as ?? name, { name, member }]));
  const result: Record<string, unknown> = {};
  for (const [wire, child] of node.children) {
    const known = byWire.get(wire);
    if (known === undefined) result[wire] = child.value ?? '';
    else result[known.name] = read(model, known.member, child);
  }
  return result;
}

function read(model: ServiceModel, type: TypeRef, node: Node): unknown {
  switch (type.type) {
    case 'structure':
      return readStructure(model, type.shape, node);
    case 'list': {
      const items = model.protocol === 'query' ? node.children.get(type.item ?? 'member') : node;
      // A list under a wrong element name is kept as it is not a list, so that validation refuses it.
      if (items === undefined) return node.children.size === 0 ? [] : [...node.children.keys()].join();
      return [...items.children].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => read(model, type.of, child));
    }
    case 'boolean':
      return node.value === 'true' ? true : node.value === 'false' ? false : node.value;
    case 'integer':
    case 'long':
    case 'double':
    case 'float':
      return node.value !== undefined && node.value.trim() !== '' && !Number.isNaN(Number(node.value))
        ? Number(node.value)
        : node.value;
    case 'map':
      throw new AwsFault('InvalidParameterValue', 400, 'The simulator reads no maps from forms.');
    default:
      return node.value ?? '';
  }
}
