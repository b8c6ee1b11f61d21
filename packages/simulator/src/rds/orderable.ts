import type { CallContext, Output } from '../world/call-context.ts';
import type { World } from '../world/world.ts';
import { invalidCombination, invalidValue } from './faults.ts';
import { type ListRequest, listed } from './listing.ts';

/** What a listing shows where a scenario names no classes; every other well-formed one is offered as well. */
const USUAL = ['db.m6g.large', 'db.r6g.large', 'db.r6g.xlarge', 'db.serverless', 'db.t4g.medium'];
const SERVERLESS = 'db.serverless';

interface Wanted {
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
}

function offerOf(world: World, region: string, engine: string, version: string) {
  return world.scenario.engineVersions.find(
    (entry) => entry.engine === engine && entry.regions?.includes(region) !== false && entry.versions.includes(version),
  );
}

/** Capacity of Serverless v2 that a version supports; undefined: it has none. */
export function serverlessOf(world: World, region: string, engine: string, version: string) {
  return offerOf(world, region, engine, version)?.serverless;
}

function isOffered(world: World, region: string, { engine, engineVersion, instanceClass }: Wanted): boolean {
  const offer = offerOf(world, region, engine, engineVersion);
  if (offer === undefined) return false;
  if (instanceClass === SERVERLESS && offer.serverless === undefined) return false;
  return offer.classes?.includes(instanceClass) ?? wellFormed(instanceClass);
}

function wellFormed(instanceClass: string): boolean {
  return /^db\.[a-z0-9-]+(\.[a-z0-9]+)?$/.test(instanceClass);
}

/** Of an instance that is to be made. */
export function checkClass({ world, state }: CallContext, wanted: Wanted): void {
  const { engine, engineVersion, instanceClass } = wanted;
  if (!wellFormed(instanceClass)) throw invalidValue(`Invalid DB Instance class: ${instanceClass}`);
  if (isOffered(world, state.region, wanted)) return;
  throw invalidCombination(
    `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${instanceClass}, Engine=${engine}, EngineVersion=${engineVersion}, LicenseModel=${licenceOf(engine)}. For supported combinations of instance class and database engine version, see the documentation.`,
  );
}

interface OrderableRequest extends ListRequest {
  readonly Engine: string;
  readonly EngineVersion?: string;
  readonly DBInstanceClass?: string;
  readonly LicenseModel?: string;
  readonly Vpc?: boolean;
}

/** DescribeOrderableDBInstanceOptions: a class that is not offered is missing, an unknown version is an error. */
export function describeOrderable(context: CallContext, input: OrderableRequest): Output {
  const { world, state } = context;
  if ((input.Filters ?? []).length > 0) throw invalidValue('Filters are not supported here.');
  const { Engine: engine, EngineVersion: asked } = input;
  const entries = world.scenario.engineVersions.filter(
    (entry) => entry.engine === engine && entry.regions?.includes(state.region) !== false,
  );
  if (entries.length === 0) throw invalidValue(`Unrecognized engine name: ${engine}`);
  const versions = entries.flatMap((entry) => entry.versions).filter((version) => asked === undefined || version === asked);
  if (versions.length === 0) throw invalidCombination(`Cannot find version ${asked} for ${engine}`);
  const licence = licenceOf(engine);
  const fits = (input.LicenseModel ?? licence) === licence && input.Vpc !== false;
  const options = versions.flatMap((engineVersion) => {
    const classes =
      input.DBInstanceClass === undefined ? classesOf(world, state.region, engine, engineVersion) : [input.DBInstanceClass];
    return classes
      .filter((instanceClass) => fits && isOffered(world, state.region, { engine, engineVersion, instanceClass }))
      .flatMap((instanceClass) => storageOf(engine).map((storage) => ({ engineVersion, instanceClass, storage })));
  });
  const { items, Marker } = listed(context, input, options);
  const aurora = engine.startsWith('aurora');
  return {
    Marker,
    OrderableDBInstanceOptions: items.map(({ engineVersion, instanceClass, storage }) => ({
      Engine: engine,
      EngineVersion: engineVersion,
      DBInstanceClass: instanceClass,
      LicenseModel: licence,
      AvailabilityZones: ['a', 'b', 'c'].map((zone) => ({ Name: `${state.region}${zone}` })),
      MultiAZCapable: !aurora,
      ReadReplicaCapable: true,
      Vpc: true,
      SupportsStorageEncryption: true,
      StorageType: storage,
      SupportsIops: storage.startsWith('io'),
      SupportedEngineModes: ['provisioned'],
      SupportsClusters: false,
    })),
  };
}

function classesOf(world: World, region: string, engine: string, version: string): readonly string[] {
  return offerOf(world, region, engine, version)?.classes ?? USUAL;
}

function storageOf(engine: string): readonly string[] {
  return engine.startsWith('aurora') ? ['aurora', 'aurora-iopt1'] : ['gp2', 'gp3', 'io1', 'io2', 'standard'];
}

function licenceOf(engine: string): string {
  if (engine.includes('postgres')) return 'postgresql-license';
  return /mysql|mariadb/.test(engine) ? 'general-public-license' : 'na';
}

/** A version without Serverless v2 takes no capacity, and each has bounds of its own. */
export function checkCapacity(
  { world, state }: CallContext,
  engine: string,
  version: string,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  const bounds = serverlessOf(world, state.region, engine, version);
  if (bounds === undefined) {
    throw invalidCombination(`Serverless v2 is not supported with ${engine} ${version}.`);
  }
  if (min < bounds.min || max > bounds.max) {
    throw invalidValue(
      `Serverless v2 capacity ${min} to ${max} is not in a valid range for ${engine} ${version}: from ${bounds.min} to ${bounds.max} ACU.`,
    );
  }
}
