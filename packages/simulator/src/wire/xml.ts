import { XMLBuilder } from 'fast-xml-parser';
import type { Member, ServiceModel, TypeRef } from '../model/service-model.ts';
import { xmlDateTime } from '../wire-time.ts';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  processEntities: true,
  suppressEmptyNode: false,
});

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
