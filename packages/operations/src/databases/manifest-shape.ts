import { checkedManifest } from '../boundary.ts';
import { type DatabaseManifest, INSTANCE_MANIFEST_SCHEMA, MANIFEST_SCHEMA } from './restore-contracts.ts';
import { isIdentifier } from './restore-names.ts';

type Test = (value: unknown) => string | undefined;
interface Field {
  readonly test: Test;
  readonly required?: true;
}
type Shape = Readonly<Record<string, Field>>;

const text: Test = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a text');
const flag: Test = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const number =
  (least: number, most: number): Test =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most ? undefined : `must be a number from ${least} to ${most}`;
const like =
  (pattern: RegExp, means: string): Test =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : `must be ${means}`;
const texts: Test = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'must be a list of texts';
const tags: Test = (value) =>
  isObject(value) && Object.values(value).every((each) => typeof each === 'string') ? undefined : 'must be an object of texts';
const name: Test = (value) => (typeof value === 'string' && isIdentifier(value) ? undefined : 'must be an identifier of RDS');
const moment: Test = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : 'must be a time as 2026-03-04T05:06:07Z';

const capacity: Shape = {
  min: { test: number(0, 256), required: true },
  max: { test: number(1, 256), required: true },
  autoPauseSeconds: { test: number(300, 86_400) },
};

const CLUSTER: Shape = {
  id: { test: name, required: true },
  engine: { test: like(/^aurora-(mysql|postgresql)$/, 'aurora-mysql or aurora-postgresql'), required: true },
  engineVersion: { test: text, required: true },
  port: { test: number(1150, 65_535) },
  subnetGroup: { test: text },
  securityGroups: { test: texts },
  parameterGroup: { test: text },
  iamAuthentication: { test: flag },
  deletionProtection: { test: flag },
  httpEndpoint: { test: flag },
  logExports: { test: texts },
  copyTagsToSnapshot: { test: flag },
  storageType: { test: text },
  backupRetentionDays: { test: number(1, 35) },
  backupWindow: { test: like(/^\d\d:\d\d-\d\d:\d\d$/, 'a window as 03:00-03:30') },
  serverless: { test: (value) => problemOf(value, capacity, 'it') },
  tags: { test: tags },
};

const MEMBER: Shape = {
  name: { test: name, required: true },
  instanceClass: { test: like(/^db\.[a-z0-9.-]+$/, 'an instance class as db.r6g.large'), required: true },
  promotionTier: { test: number(0, 15) },
  availabilityZone: { test: text },
  parameterGroup: { test: text },
  publiclyAccessible: { test: flag },
  performanceInsights: { test: flag },
  monitoringInterval: { test: number(0, 60) },
  monitoringRoleArn: { test: text },
  tags: { test: tags },
};

/** An instance of its own; it has no Data API, no capacity units, and may do without backups. */
const INSTANCE: Shape = {
  id: { test: name, required: true },
  engine: { test: like(/^(?!aurora|docdb|neptune)[a-z0-9-]+$/, 'an engine of RDS instances, as postgres'), required: true },
  engineVersion: { test: text, required: true },
  instanceClass: { test: like(/^db\.[a-z0-9.-]+$/, 'an instance class as db.r6g.large'), required: true },
  port: { test: number(1150, 65_535) },
  subnetGroup: { test: text },
  securityGroups: { test: texts },
  parameterGroup: { test: text },
  optionGroup: { test: text },
  multiAz: { test: flag },
  availabilityZone: { test: text },
  publiclyAccessible: { test: flag },
  storageType: { test: text },
  iops: { test: number(1, 256_000) },
  storageThroughput: { test: number(1, 16_000) },
  iamAuthentication: { test: flag },
  deletionProtection: { test: flag },
  logExports: { test: texts },
  copyTagsToSnapshot: { test: flag },
  backupRetentionDays: { test: number(0, 35) },
  backupWindow: { test: like(/^\d\d:\d\d-\d\d:\d\d$/, 'a window as 03:00-03:30') },
  performanceInsights: { test: flag },
  monitoringInterval: { test: number(0, 60) },
  monitoringRoleArn: { test: text },
  tags: { test: tags },
};

const CAPTURED: Shape = {
  schema: { test: text, required: true },
  capturedAt: { test: moment, required: true },
  account: { test: like(/^\d{12}$/, 'twelve digits'), required: true },
  region: { test: like(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a Region'), required: true },
};

const CLUSTER_MANIFEST: Shape = {
  ...CAPTURED,
  cluster: { test: (value) => problemOf(value, CLUSTER, 'cluster'), required: true },
  members: { test: membersProblem, required: true },
};

const INSTANCE_MANIFEST: Shape = {
  ...CAPTURED,
  instance: { test: (value) => problemOf(value, INSTANCE, 'instance'), required: true },
};

/** The value as a manifest, or what is wrong with it, beginning with the field. */
export function checkManifest(value: unknown): { readonly manifest: DatabaseManifest } | { readonly problem: string } {
  const schema = isObject(value) ? value['schema'] : undefined;
  const instance = schema === INSTANCE_MANIFEST_SCHEMA;
  const known = instance || schema === MANIFEST_SCHEMA || schema === undefined;
  const problem = known
    ? problemOf(value, instance ? INSTANCE_MANIFEST : CLUSTER_MANIFEST, 'it')
    : `"schema" of it must be "${MANIFEST_SCHEMA}" or "${INSTANCE_MANIFEST_SCHEMA}"`;
  if (problem === undefined) return { manifest: checkedManifest(value) };
  return { problem: `is no ${instance ? 'instance' : 'cluster'} manifest: ${problem}` };
}

function membersProblem(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return 'must be a list with at least the writer';
  if (value.length > 16) return 'must hold at most 16 instances';
  for (const [index, member] of value.entries()) {
    const problem = problemOf(member, MEMBER, `member ${index + 1}`);
    if (problem !== undefined) return problem;
  }
  const names = value.map((member: unknown) => (isObject(member) ? String(member['name']).toLowerCase() : ''));
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  return twice === undefined ? undefined : `names "${twice}" twice`;
}

function problemOf(value: unknown, shape: Shape, what: string): string | undefined {
  if (!isObject(value)) return `${what} must be an object`;
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
  if (unknown !== undefined) return `${what} has a field "${unknown}" that is not known`;
  for (const [key, { test, required }] of Object.entries(shape)) {
    const member = value[key];
    if (member === undefined && required === undefined) continue;
    const problem = member === undefined ? 'is missing' : test(member);
    if (problem !== undefined) return `"${key}" of ${what} ${problem}`;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
