import type { DatabaseGroup, GroupKind } from '@breakwater/aws';
import type { LookAround, Shortcoming } from './restore-surroundings.ts';

const WORDS: Readonly<Record<GroupKind, string>> = {
  subnets: 'subnet group',
  'cluster-parameters': 'parameter group',
  'instance-parameters': 'parameter group',
  options: 'option group',
};
const ANOTHER = 'Create it there, or name another.';

/** What of the groups that the design names would make AWS refuse the restore: one that is not there, of another VPC, or for another engine. */
export async function objectionToGroups(around: LookAround): Promise<Shortcoming | undefined> {
  const { design } = around;
  const { subnetGroup, securityGroups = [], parameterGroup } = design.settings;
  const subnets = await subnetsOf(around, subnetGroup, securityGroups.length > 0);
  if (subnets === undefined) return missing('subnets', subnetGroup ?? 'default');
  const ofSecurity = await wrongSecurity(around, securityGroups, subnets);
  if (ofSecurity !== undefined && !ofSecurity.likely) return ofSecurity;
  const ofOthers =
    design.kind === 'cluster'
      ? ((await wrongParameters(around, 'cluster-parameters', parameterGroup)) ?? (await wrongOfMembers(around, design.members)))
      : ((await wrongParameters(around, 'instance-parameters', parameterGroup)) ??
        (await wrongOptions(around, design.settings.optionGroup)));
  return ofOthers ?? ofSecurity;
}

/** Where the database will stand, as far as it can be seen; undefined: the group that is named is not there. */
async function subnetsOf(
  around: LookAround,
  name: string | undefined,
  vpcMatters: boolean,
): Promise<{ readonly called: string; readonly vpc: string | undefined } | undefined> {
  // Left out, it is the default group, which AWS makes where it is needed: that it is not there yet is no fault.
  const standard = name === undefined || /^default$/i.test(name);
  const called = standard ? 'the default subnet group' : `subnet group "${name}"`;
  if (standard && !vpcMatters) return { called, vpc: undefined };
  const group = await groupOf(around, 'subnets', standard ? 'default' : name);
  if (group === 'unseen') return { called, vpc: undefined };
  return group === undefined && !standard ? undefined : { called, vpc: group?.vpc };
}

async function wrongSecurity(
  { site, ask }: LookAround,
  ids: readonly string[],
  subnets: { readonly called: string; readonly vpc: string | undefined },
): Promise<Shortcoming | undefined> {
  if (ids.length === 0) return undefined;
  const found = await ask(`security groups ${ids.join(', ')}`, () => site.aws.ec2.describeSecurityGroups(ids));
  if (found === 'unseen') return undefined;
  const gone = ids.filter((id) => !found.some((group) => group.id === id));
  if (gone.length > 0) {
    return {
      message: `there is no security group ${gone.join(', ')}`,
      next: 'Create security groups there and name them: each account and Region has its own.',
    };
  }
  const placed = found.flatMap(({ id, vpc }) => (vpc === undefined ? [] : [{ id, vpc }]));
  const [first] = placed;
  const [vpc, holder] = subnets.vpc === undefined ? [first?.vpc, `security group ${first?.id}`] : [subnets.vpc, subnets.called];
  const stray = placed.find((group) => group.vpc !== vpc);
  if (stray === undefined) return undefined;
  return {
    message: `security group ${stray.id} is of VPC ${stray.vpc}, and ${holder} of VPC ${vpc}`,
    next: 'Name a subnet group and security groups of one VPC.',
    // One that is associated with more VPCs names only its own here, and no page says whether RDS takes it for the others:
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSecurityGroupVpc.html
    likely: true,
  };
}

async function wrongOfMembers(
  around: LookAround,
  members: readonly { readonly parameterGroup?: string }[],
): Promise<Shortcoming | undefined> {
  for (const name of new Set(members.map(({ parameterGroup }) => parameterGroup))) {
    const wrong = await wrongParameters(around, 'instance-parameters', name);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

async function wrongParameters(around: LookAround, kind: GroupKind, name: string | undefined): Promise<Shortcoming | undefined> {
  if (name === undefined || /^default$/i.test(name)) return undefined;
  // Default groups are made by AWS where they are needed.
  const [, standard] = /^default\.(.+)$/i.exec(name) ?? [];
  const group = standard === undefined ? await groupOf(around, kind, name) : { family: standard.toLowerCase() };
  if (group === 'unseen') return undefined;
  if (group === undefined) return missing(kind, name);
  const family = familyOf(around);
  if (group.family === undefined || family === undefined || group.family === family) return undefined;
  return {
    message: `parameter group "${name}" is for ${group.family}, and what is restored is of ${family}`,
    next: ANOTHER,
  };
}

async function wrongOptions(around: LookAround, name: string | undefined): Promise<Shortcoming | undefined> {
  if (name === undefined || /^default$/i.test(name)) return undefined;
  const group = /^default:/i.test(name) ? { engine: ofDefault(name) } : await groupOf(around, 'options', name);
  if (group === 'unseen') return undefined;
  if (group === undefined) return missing('options', name);
  const { engine: restored } = around;
  const { engine } = group;
  if (restored === undefined || engine === undefined) return undefined;
  if (engine.name === restored.name && `${restored.version}.`.startsWith(`${engine.major}.`)) return undefined;
  return {
    message: `option group "${name}" is for ${engine.name} ${engine.major}, and what is restored is ${restored.name} ${restored.version}`,
    next: ANOTHER,
  };
}

/** As AWS names default groups of options: `default:mysql-8-0`. */
function ofDefault(name: string): DatabaseGroup['engine'] {
  const [, engine, major] = /^default:([a-z0-9-]*[a-z][a-z0-9]*)-(\d+(?:-\d+)*)$/i.exec(name) ?? [];
  if (engine === undefined || major === undefined) return undefined;
  return { name: engine.toLowerCase(), major: major.replaceAll('-', '.') };
}

function groupOf({ site, ask }: LookAround, kind: GroupKind, name: string): Promise<DatabaseGroup | undefined | 'unseen'> {
  return ask(`${WORDS[kind]} "${name}"`, () => site.aws.rds.describeGroup(kind, name));
}

function missing(kind: GroupKind, name: string): Shortcoming {
  return { message: `there is no ${WORDS[kind]} "${name}"`, next: ANOTHER };
}

/** As AWS names families of parameters, of the engines that we know: `aurora-postgresql16`, `mysql8.0`. */
function familyOf({ engine }: LookAround): string | undefined {
  if (engine === undefined) return undefined;
  const [major = '', minor = ''] = engine.version.split('.');
  if (/^(aurora-)?postgres(ql)?$/.test(engine.name)) return `${engine.name}${major}`;
  return /^(aurora-mysql|mysql|mariadb)$/.test(engine.name) ? `${engine.name}${major}.${minor}` : undefined;
}
