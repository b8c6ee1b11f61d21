import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import drs from '../models/drs.json' with { type: 'json' };
import ec2 from '../models/ec2.json' with { type: 'json' };
import kms from '../models/kms.json' with { type: 'json' };
import rds from '../models/rds.json' with { type: 'json' };
import rdsData from '../models/rds-data.json' with { type: 'json' };
import route53 from '../models/route53.json' with { type: 'json' };
import secretsmanager from '../models/secretsmanager.json' with { type: 'json' };
import sns from '../models/sns.json' with { type: 'json' };
import ssm from '../models/ssm.json' with { type: 'json' };
import sts from '../models/sts.json' with { type: 'json' };
import type { PolicyDocument } from './iam/policy.ts';
import type { ServiceModel } from './model/service-model.ts';
import type { RawFault, RawScenario } from './scenario/raw-scenario.ts';
import { FAULT_SCHEMA, POLICY_SCHEMA, SCENARIO_SCHEMA } from './scenario/scenario-schema.ts';

/**
 * The one place of this package where a type is claimed instead of derived, each time after a proof at run time or about data that
 * lies in this package.
 */

const ajv = new Ajv2020({
  allErrors: true,
  discriminator: true,
  strictTypes: false,
  schemas: [FAULT_SCHEMA, POLICY_SCHEMA],
  // One scenario is read a process: optimising the generated code would take longer than running it.
  code: { optimize: false },
});
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
const scenarioFits = ajv.compile(SCENARIO_SCHEMA);
/** Compiled when the first fault is armed by hand: most worlds arm none. */
let faultFits: ReturnType<typeof ajv.compile> | undefined;

export interface SchemaProblem {
  /** JSON pointer, `/` for the whole. */
  readonly path: string;
  readonly message: string;
}

export interface Proven<T> {
  readonly value: T | undefined;
  readonly problems: readonly SchemaProblem[];
}

function problemsOf(errors: readonly ErrorObject[] | null | undefined): readonly SchemaProblem[] {
  return (errors ?? []).map((error) => {
    const extra = error.params['additionalProperty'] ?? error.params['missingProperty'];
    const legal: unknown = error.params['allowedValues'];
    const more = Array.isArray(legal) ? `: ${legal.join(', ')}` : typeof extra === 'string' ? ` ('${extra}')` : '';
    return { path: error.instancePath === '' ? '/' : error.instancePath, message: `${error.message ?? error.keyword}${more}` };
  });
}

/** Claimed: the JSON Schema has proved the value, and RawScenario is that schema in TypeScript. */
export function provenScenario(value: unknown): Proven<RawScenario> {
  return scenarioFits(value)
    ? { value: value as RawScenario, problems: [] }
    : { value: undefined, problems: problemsOf(scenarioFits.errors) };
}

/** Claimed: as for the scenario. */
export function provenFault(value: unknown): Proven<RawFault> {
  faultFits ??= ajv.compile({ $ref: 'fault' });
  return faultFits(value)
    ? { value: value as RawFault, problems: [] }
    : { value: undefined, problems: problemsOf(faultFits.errors) };
}

/** Claimed: as for the scenario; the schema is that of a policy in one. */
export function provenPolicy(value: unknown): Proven<PolicyDocument> {
  const fits = ajv.getSchema('policy');
  if (fits === undefined) return { value: undefined, problems: [{ path: '/', message: 'no schema' }] };
  return fits(value) === true
    ? { value: value as PolicyDocument, problems: [] }
    : { value: undefined, problems: problemsOf(fits.errors) };
}

/** Claimed: the files in models/ are written in the ServiceModel notation; a test walks all of them. */
export const MODELS: Readonly<
  Record<'drs' | 'ssm' | 'sts' | 'ec2' | 'rds' | 'rds-data' | 'kms' | 'secretsmanager' | 'sns' | 'route53', ServiceModel>
> = {
  drs: drs as unknown as ServiceModel,
  ssm: ssm as unknown as ServiceModel,
  sts: sts as unknown as ServiceModel,
  ec2: ec2 as unknown as ServiceModel,
  rds: rds as unknown as ServiceModel,
  'rds-data': rdsData as unknown as ServiceModel,
  kms: kms as unknown as ServiceModel,
  secretsmanager: secretsmanager as unknown as ServiceModel,
  sns: sns as unknown as ServiceModel,
  route53: route53 as unknown as ServiceModel,
};

/** Claimed: every request is validated against the operation's input shape before its handler sees it; `T` is that shape. */
export function asInput<T>(value: unknown): T {
  return value as T;
}

/** Claimed: a JSON text that is not an object, list or scalar does not exist. */
export function parseJson(text: string): unknown {
  return JSON.parse(text) as unknown;
}
