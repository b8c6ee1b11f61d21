/** The trimmed official models in `models/`: what each operation takes and gives, with all limits. See models/NOTE.md. */

export type TypeRef =
  | {
      readonly type: 'string';
      readonly name?: string;
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: string;
      readonly enum?: readonly string[];
      readonly sensitive?: boolean;
    }
  | {
      readonly type: 'integer' | 'long' | 'double' | 'float';
      readonly name?: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: 'boolean' | 'timestamp' | 'blob'; readonly name?: string }
  | {
      readonly type: 'list';
      readonly of: TypeRef;
      /** Name of an element in awsQuery and restXml, `member` unless told. */
      readonly item?: string;
      readonly min?: number;
      readonly max?: number;
      readonly sensitive?: boolean;
    }
  | {
      readonly type: 'map';
      readonly key: TypeRef;
      readonly value: TypeRef;
      readonly min?: number;
      readonly max?: number;
      readonly sensitive?: boolean;
    }
  | { readonly type: 'structure'; readonly shape: string };

/** `in`: where it travels if not in the body; `as`: its name on the wire if that differs. */
export type Member = TypeRef & { readonly required?: boolean; readonly in?: string; readonly as?: string };

export interface Shape {
  readonly members: Readonly<Record<string, Member>>;
}

export interface OperationModel {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly input: string;
  /** None: the answer has an empty body. */
  readonly output?: string;
  readonly wrapper?: string;
  readonly errors: readonly string[];
}

export interface ErrorModel {
  /** As on the wire; may differ from the shape's name (STS). */
  readonly code: string;
  readonly status: number;
}

export type Protocol = 'rest-json' | 'aws-json' | 'query' | 'ec2-query' | 'rest-xml';

export interface ServiceModel {
  readonly service: string;
  readonly apiVersion: string;
  readonly protocol: Protocol;
  readonly namespace?: string;
  /** Names of all official operations, implemented here or not. */
  readonly official: readonly string[];
  /** `METHOD /path` by operation, where operations are told apart by path. */
  readonly routes?: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly errors: Readonly<Record<string, ErrorModel>>;
}
