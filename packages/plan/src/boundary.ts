/**
 * The only casts of this package. Each is at the edge to a library or a file whose content TypeScript cannot see.
 */
import type { AnySchemaObject } from 'ajv';
import published from '../schema/breakwater.schema.json' with { type: 'json' };

/** The published schema: a JSON file, whose literal type is far too narrow for what ajv calls a schema. */
export const schema = published as AnySchemaObject;

/** What a node of the schema may say; ajv hands back the node that failed as `object`. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly 'x-breakwater-rule'?: string;
}

export function schemaNode(value: unknown): SchemaNode {
  return (typeof value === 'object' && value !== null ? value : {}) as SchemaNode;
}

type Present<T extends object> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the members that are `undefined`: exactly what the type says, but the compiler cannot follow the loop. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>;
}

/** A mapping read from YAML or JSON: its keys are strings, its values anything. */
export function mapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
