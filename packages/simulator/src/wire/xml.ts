import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { AwsFault } from '../aws-fault.ts';
import type { Member, ServiceModel, TypeRef } from '../model/service-model.ts';
import { xmlDateTime } from '../wire-time.ts';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  processEntities: true,
  suppressEmptyNode: false,
});

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, ignoreDeclaration: true, processEntities: true });

/** XML text of a tree: keys are elements, `@name` attributes, lists repeat the element. */
export function buildXml(tree: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${String(builder.build(tree))}`;
}

/** An output value as a tree for `buildXml`, with the wire names of its shape. */
export function xmlTree(model: ServiceModel, shape: string, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members: Readonly<Record<string, Member>> = model.shapes[shape]?.members ?? {};
  const tree: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    const item = value[name];
    if (item !== undefined) tree[member.as ?? name] = xmlValue(model, member, item);
  }
  return tree;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function xmlValue(model: ServiceModel, type: TypeRef, value: unknown): unknown {
  if (type.type === 'structure') return isRecord(value) ? xmlTree(model, type.shape, value) : '';
  if (type.type === 'list') {
    if (!Array.isArray(value) || value.length === 0) return '';
    const item = model.protocol === 'ec2-query' ? 'item' : (type.item ?? 'member');
    return { [item]: value.map((entry: unknown) => xmlValue(model, type.of, entry)) };
  }
  if (type.type === 'timestamp' && typeof value === 'number') return xmlDateTime(value);
  return value;
}

/**
 * The body of a restXml request as the operation's input, by its shape. Elements that the shape does not know are kept, so that validation
 * refuses them. Throws `AwsFault` for what is no XML.
 */
export function readXml(model: ServiceModel, shape: string, body: string): Record<string, unknown> {
  const tree: unknown = XMLValidator.validate(body) === true ? parser.parse(body) : undefined;
  const [root] = isRecord(tree) ? Object.values(tree) : [];
  if (root === undefined) throw new AwsFault('InvalidInput', 400, 'Invalid XML');
  return readElement(model, shape, root);
}

function readElement(model: ServiceModel, shape: string, element: unknown): Record<string, unknown> {
  const members: Readonly<Record<string, Member>> = model.shapes[shape]?.members ?? {};
  const byWire = new Map(Object.entries(members).map(([name, member]) => [member.as ?? name, { name, member }]));
  const result: Record<string, unknown> = {};
  for (const [wire, value] of isRecord(element) ? Object.entries(element) : []) {
    const known = byWire.get(wire);
    if (known === undefined) result[wire] = value;
    else result[known.name] = readXmlValue(model, known.member, value);
  }
  return result;
}

function readXmlValue(model: ServiceModel, type: TypeRef, value: unknown): unknown {
  switch (type.type) {
    case 'structure':
      return readElement(model, type.shape, value);
    case 'list': {
      const items = isRecord(value) ? value[type.item ?? 'member'] : undefined;
      if (items === undefined) return value === '' ? [] : value;
      return (Array.isArray(items) ? items : [items]).map((item: unknown) => readXmlValue(model, type.of, item));
    }
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'integer':
    case 'long':
    case 'double':
    case 'float':
      return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
    default:
      return value;
  }
}
