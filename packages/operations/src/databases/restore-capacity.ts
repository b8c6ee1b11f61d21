import type { LookAround, Shortcoming } from './restore-surroundings.ts';

const SERVERLESS = 'db.serverless';
/** Capacity units come in halves; a maximum below one is none. */
const STEP = 0.5;
const LEAST_MAXIMUM = 1;
/** What new versions of Aurora support: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html */
const WIDEST = { min: 0, max: 256 };

/** What would make AWS refuse to make the instances: a class that it does not offer for that version there, or a capacity that is none. */
export async function objectionToCapacity(around: LookAround): Promise<Shortcoming | undefined> {
  return (await wrongScaling(around)) ?? (await wrongClass(around));
}

async function wrongScaling({ site, design, engine, ask }: LookAround): Promise<Shortcoming | undefined> {
  if (design.kind === 'instance') return undefined;
  const { serverless } = design.settings;
  if (serverless === undefined) {
    if (!design.members.some(({ instanceClass }) => instanceClass === SERVERLESS)) return undefined;
    return {
      message: `an instance of class ${SERVERLESS} needs the capacity of the cluster, and none is given`,
      next: 'Give the least and the most capacity of Serverless v2, or name another class.',
    };
  }
  const { min, max } = serverless;
  const asked =
    engine === undefined
      ? undefined
      : await ask(`what ${engine.name} ${engine.version} supports of Serverless v2`, () =>
          site.aws.rds.serverlessRange(engine.name, engine.version),
        );
  const known = asked === undefined || asked === 'unseen' ? undefined : asked;
  const range = known ?? WIDEST;
  const steps = [min, max].every((capacity) => Number.isInteger(capacity / STEP));
  if (steps && min >= range.min && max <= range.max && max >= LEAST_MAXIMUM && min <= max) return undefined;
  const who = known === undefined || engine === undefined ? 'Serverless v2' : `${engine.name} ${engine.version}`;
  return {
    message: `${min} to ${max} is no capacity of Serverless v2: ${who} supports ${range.min} to ${range.max} units, in steps of ${STEP}, at most no less than ${LEAST_MAXIMUM}`,
    next: 'Give a capacity within.',
  };
}

async function wrongClass({ site, design, engine, ask }: LookAround): Promise<Shortcoming | undefined> {
  if (engine === undefined) return undefined;
  const classes =
    design.kind === 'cluster' ? design.members.map((member) => member.instanceClass) : [design.settings.instanceClass];
  for (const instanceClass of new Set(classes)) {
    if (instanceClass === undefined) continue;
    const offered = await ask(`whether ${instanceClass} can be ordered`, () =>
      site.aws.rds.instanceClassAvailable(engine.name, engine.version, instanceClass),
    );
    if (offered !== false) continue;
    return {
      message: `${engine.name} ${engine.version} is not offered with instance class ${instanceClass}`,
      next: 'Name another class.',
    };
  }
  return undefined;
}
