import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';
import { ROOT } from './source-files.ts';

export interface Parameter {
  readonly Type: string;
  readonly Description?: string;
  readonly Default?: string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly string[];
}

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** A CloudFormation template; short forms of functions are written out, as `{ 'Fn::Sub': … }`. */
export interface Template {
  readonly text: string;
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Rules?: unknown;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Description?: string; readonly Value: unknown }>>;
  readonly Metadata?: unknown;
}

const FUNCTIONS = ['Sub', 'If', 'Equals', 'Not', 'And', 'Or', 'Join', 'GetAtt', 'Select', 'Split'];

function tags(): (ScalarTag | CollectionTag)[] {
  const long = (name: string) => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`);
  return ['Ref', 'Condition', ...FUNCTIONS].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => ({ [long(name)]: text }) },
    {
      tag: `!${name}`,
      collection: 'seq' as const,
      resolve: (node: { toJSON(): unknown }) => ({ [long(name)]: node.toJSON() }),
    },
  ]) as (ScalarTag | CollectionTag)[];
}

export function readTemplate(name: string): Template {
  const text = readFileSync(path.join(ROOT, 'infrastructure', `${name}.yaml`), 'utf8');
  const { Conditions = {}, Outputs = {}, ...rest }: Template = parse(text, { customTags: tags() });
  return { ...rest, Conditions, Outputs, text };
}

const NOTHING = Symbol('AWS::NoValue');

/** Works out what the functions of a template come to, with values of parameters (defaults fill in) and of pseudo parameters. */
export class Deployment {
  readonly #template: Template;
  readonly #values: Readonly<Record<string, string | readonly string[]>>;

  constructor(template: Template, values: Readonly<Record<string, string | readonly string[]>>) {
    this.#template = template;
    const defaults = Object.entries(template.Parameters).map(([name, { Type, Default = '' }]) => [
      name,
      Type === 'CommaDelimitedList' ? Default.split(',') : Default,
    ]);
    this.#values = { 'AWS::Partition': 'aws', 'AWS::AccountId': '111122223333', ...Object.fromEntries(defaults), ...values };
  }

  has(resource: Resource): boolean {
    return resource.Condition === undefined || this.#holds(resource.Condition);
  }

  of(value: unknown): unknown {
    const found = this.#value(value);
    return found === NOTHING ? undefined : found;
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(item)).filter((item) => item !== NOTHING);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], another] = Object.entries(value);
    if (another === undefined && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::')))
      return this.#call(name, argument);
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, item]) => [key, this.#value(item)] as const)
        .filter(([, item]) => item !== NOTHING),
    );
  }

  #call(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? NOTHING : (this.#values[String(argument)] ?? `<${String(argument)}>`);
      case 'Fn::GetAtt':
        return `<${Array.isArray(argument) ? argument.join('.') : String(argument)}>`;
      case 'Fn::Sub':
        return String(argument).replaceAll(/\$\{([^!}]+)\}/g, (_, key: string) => String(this.#values[key] ?? `<${key}>`));
      case 'Fn::If': {
        const [condition, yes, no] = Array.isArray(argument) ? argument : [];
        return this.#value(this.#holds(String(condition)) ? yes : no);
      }
      case 'Fn::Join': {
        const [by, list] = Array.isArray(argument) ? argument : [];
        const items = this.#value(list);
        return Array.isArray(items) ? items.join(String(by)) : '';
      }
      default:
        throw new Error(`no value for ${name}`);
    }
  }

  #holds(name: string): boolean {
    return this.#truth(this.#template.Conditions[name]);
  }

  #truth(value: unknown): boolean {
    const [[name, argument] = ['', undefined]] = Object.entries(typeof value === 'object' && value !== null ? value : {});
    const list: readonly unknown[] = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Fn::Equals':
        return this.#value(list[0]) === this.#value(list[1]);
      case 'Fn::Not':
        return !this.#truth(list[0]);
      case 'Fn::And':
        return list.every((one) => this.#truth(one));
      case 'Fn::Or':
        return list.some((one) => this.#truth(one));
      case 'Condition':
        return this.#holds(String(argument));
      default:
        throw new Error(`no truth in ${name}`);
    }
  }
}

/** Every name that a value refers to: by Ref, GetAtt, Sub and If. */
export function referencesIn(value: unknown): { readonly names: ReadonlySet<string>; readonly conditions: ReadonlySet<string> } {
  const names = new Set<string>();
  const conditions = new Set<string>();
  const walk = (item: unknown): void => {
    if (Array.isArray(item)) for (const one of item) walk(one);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return;
    for (const [key, argument] of Object.entries(item)) {
      if (key === 'Ref') names.add(String(argument));
      if (key === 'Fn::GetAtt') names.add(String(Array.isArray(argument) ? argument[0] : argument).split('.')[0] ?? '');
      if (key === 'Fn::Sub')
        for (const [, name = ''] of String(argument).matchAll(/\$\{([^!}]+)\}/g)) names.add(name.split('.')[0] ?? '');
      if (key === 'Fn::If' && Array.isArray(argument)) conditions.add(String(argument[0]));
      if (key === 'Condition' && typeof argument === 'string') conditions.add(argument);
      walk(argument);
    }
  };
  walk(value);
  return { names, conditions };
}
