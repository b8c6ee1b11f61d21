import { AwsFault } from '../aws-fault.ts';
import type { DocumentSpec } from '../scenario/scenario.ts';
import { epochSeconds } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';

/** A document's bare name: what is given may be an ARN. */
function bareName(name: string): string {
  return name.startsWith('arn:') ? name.slice(name.lastIndexOf('/') + 1) : name;
}

export function findDocument(
  { world, state }: CallContext,
  name: string,
  kind: DocumentSpec['kind'] | undefined,
): DocumentSpec | undefined {
  const wanted = bareName(name);
  return world.scenario.documents.find(
    (document) =>
      document.name === wanted &&
      (kind === undefined || document.kind === kind) &&
      (document.accounts === undefined || document.accounts.includes(state.account)),
  );
}

/** The number of a version; undefined if the document has no such version. */
export function resolveVersion(document: DocumentSpec, version: string | undefined): string | undefined {
  if (version === undefined || version === '$DEFAULT' || version === '$LATEST') return String(document.versions);
  return Number(version) >= 1 && Number(version) <= document.versions ? version : undefined;
}

/** Names what is wrong with the parameters, as the service words it; undefined if they fit the document. */
export function parameterProblem(document: DocumentSpec, given: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [name, values] of Object.entries(given)) {
    const parameter = document.parameters[name];
    // Every automation may be told the role it runs as.
    if (parameter === undefined && name === 'AutomationAssumeRole' && document.kind === 'automation') continue;
    if (parameter === undefined) return `Parameter(s) "${name}" are not defined in the document schema of ${document.name}.`;
    if (parameter.type !== 'StringList' && parameter.type !== 'MapList' && values.length !== 1) {
      return `Parameter "${name}" of type ${parameter.type} takes exactly one value, not ${values.length}.`;
    }
    if (parameter.type === 'Integer' && !/^-?\d+$/.test(values[0] ?? '')) return `Parameter "${name}" must be an integer.`;
    if (parameter.type === 'Boolean' && !/^(true|false)$/i.test(values[0] ?? '')) return `Parameter "${name}" must be a boolean.`;
    const odd =
      parameter.allowed === undefined ? undefined : values.find((value) => parameter.allowed?.includes(value) === false);
    if (odd !== undefined)
      return `Parameter "${name}" does not allow the value "${odd}"; allowed: ${parameter.allowed?.join(', ')}.`;
  }
  for (const [name, parameter] of Object.entries(document.parameters)) {
    if (parameter.required && given[name] === undefined) return `Required parameter "${name}" is missing.`;
  }
  return undefined;
}

export function withDefaults(
  document: DocumentSpec,
  given: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  const defaults = Object.entries(document.parameters).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

export const describeDocument = handler<{ readonly Name: string; readonly DocumentVersion?: string }>((context, input) => {
  const document = findDocument(context, input.Name, undefined);
  if (document === undefined) throw new AwsFault('InvalidDocument', 400, `Document with name ${input.Name} does not exist.`);
  const version = resolveVersion(document, input.DocumentVersion);
  if (version === undefined)
    throw new AwsFault('InvalidDocumentVersion', 400, `Document version ${input.DocumentVersion ?? ''} is not valid.`);
  return {
    Document: {
      Name: document.name,
      Owner: context.state.account,
      CreatedDate: epochSeconds(context.world.began - 30 * 86_400_000),
      Status: 'Active',
      DocumentVersion: version,
      LatestVersion: String(document.versions),
      DefaultVersion: String(document.versions),
      DocumentType: document.kind === 'automation' ? 'Automation' : 'Command',
      DocumentFormat: 'YAML',
      SchemaVersion: document.kind === 'automation' ? '0.3' : '2.2',
      PlatformTypes: ['Linux'],
      Parameters: Object.entries(document.parameters).map(([name, parameter]) => ({
        Name: name,
        Type: parameter.type === 'StringList' ? 'StringList' : 'String',
        DefaultValue:
          parameter.default === undefined
            ? undefined
            : parameter.type === 'StringList'
              ? JSON.stringify(parameter.default)
              : parameter.default.join(','),
      })),
    },
  };
});
