import { show } from '../schema.ts';
import { didYouMean, nearest } from '../suggest.ts';
import {
  actionsOf,
  type Check,
  type CheckContext,
  homeOfWave,
  type PlacedAction,
  type PlanDraft,
  sitesOfWave,
} from './context.ts';
import { partitionOf, REGIONS } from './regions.ts';

/** `arn:partition:service:region:account:rest` */
function arnParts(arn: string): {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly rest: string;
} {
  const [, partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
  return { partition, service, region, account, rest: rest.join(':') };
}

export const rolesOfTheSite: Check = (context) => {
  for (const site of context.sites) {
    const { account, region, externalId } = site.value;
    const without = ROLES.every((name) => site.value[name] === undefined && !site.damaged([name]));
    if (externalId !== undefined && without) {
      context.report(
        'BW606',
        site,
        ['externalId'],
        'an external id without a role has no effect',
        'Add roleArn, or remove externalId.',
      );
    }
    const partition = partitionOf(region);
    for (const name of ROLES) {
      const roleArn = site.value[name];
      if (roleArn === undefined) continue;
      const role = arnParts(roleArn);
      if (account !== '' && role.account !== account) {
        const message = `the role is in account ${role.account}, the site in ${account}`;
        context.report('BW604', site, [name], message, `Name a role of account ${account}, or correct the account.`);
      } else if (partition !== undefined && role.partition !== partition) {
        const message = `the role is in partition ${role.partition}, ${region} in ${partition}`;
        context.report('BW604', site, [name], message, `Write arn:${partition}:iam::${account}:role/…`);
      }
    }
  }
};

const ROLES = ['roleArn', 'drillRoleArn'] as const;

export const knownRegions: Check = (context) => {
  for (const site of context.sites) {
    const { region } = site.value;
    if (region === '' || REGIONS.includes(region)) continue;
    const near = nearest(region, REGIONS);
    const next = `${near === undefined ? '' : `Did you mean ${near}? `}If the Region is new, this warning does no harm.`;
    context.report('BW619', site, ['region'], `the Region ${show(region)} is not known`, next);
  }
};

const DOCUMENT_ARN = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{0,12}:(?:document|automation-definition)\/[A-Za-z0-9_.:/-]+$/;

export const documents: Check = (context) => {
  eachAction(context, (plan, { action, wave }) => {
    if (!action.document.startsWith('arn:')) return;
    const path = [...plan.pathOf(action), 'document'];
    if (!DOCUMENT_ARN.test(action.document)) {
      const next = 'Write arn:aws:ssm:<region>:<account>:document/<name>.';
      context.report('BW609', plan, path, `${show(action.document)} is not the ARN of an SSM document`, next);
      return;
    }
    const home = action.site ?? (wave === undefined ? undefined : homeOfWave(context, wave));
    const site = context.site(home ?? '')?.value;
    if (site === undefined || site.region === '') return;
    const { region, partition } = arnParts(action.document);
    const expected = partitionOf(site.region);
    if (region !== site.region || (expected !== undefined && partition !== expected)) {
      const message = `the document is in ${partition}:${region}, the action runs in ${site.region}`;
      context.report('BW617', plan, path, message, `Share or copy the document to ${site.region}, and name it there.`);
    }
  });
};

/** StartAutomationExecution, API reference: Parameters. */
const MOST_PARAMETERS = 200;
const LONGEST_NAME = 50;
const MOST_VALUES = 50;
const LONGEST_VALUE = 512;

export const parameterLimits: Check = (context) => {
  eachAction(context, (plan, { action }) => {
    if (action.kind !== 'automation') return;
    const base = [...plan.pathOf(action), 'parameters'];
    const entries = Object.entries(action.parameters);
    const report = (path: readonly (string | number)[], message: string, next: string) =>
      context.report('BW611', plan, path, message, next);
    if (entries.length > MOST_PARAMETERS) {
      report(base, `${entries.length} parameters are too many`, `SSM takes at most ${MOST_PARAMETERS}.`);
    }
    for (const [name, values] of entries) {
      const path = [...base, name];
      if (name.length === 0 || name.length > LONGEST_NAME) {
        report(path, `the parameter name has ${name.length} characters`, `SSM takes 1 to ${LONGEST_NAME}.`);
      }
      if (values.length > MOST_VALUES) report(path, `${values.length} values are too many`, `SSM takes at most ${MOST_VALUES}.`);
      for (const [index, value] of values.entries()) {
        if (value.length > 0 && value.length <= LONGEST_VALUE) continue;
        const message = `a value of ${name} has ${value.length} characters`;
        report(
          [...path, index],
          message,
          `SSM takes 1 to ${LONGEST_VALUE}; let the document read longer texts from Parameter Store or S3.`,
        );
      }
    }
  });
};

export const targets: Check = (context) => {
  eachAction(context, (plan, { action, stage, wave }) => {
    const path = plan.pathOf(action);
    if (action.target === 'none') {
      if (action.kind !== 'command' || plan.damaged([...path, 'target'])) return;
      const next = 'Add target: recovered-instances, or use an automation.';
      context.report('BW615', plan, [...path, 'kind'], `the command ${show(action.name)} has no instances to run on`, next);
      return;
    }
    if (stage === 'pre') {
      const message = `the action ${show(action.name)} targets recovered instances before its wave has launched any`;
      context.report('BW614', plan, [...path, 'target'], message, 'Move it to postWaveActions, or remove the target.');
      return;
    }
    const waves = wave === undefined ? plan.value.waves : [wave];
    if (waves.every(({ groups, databases = [] }) => groups.length === 0 && databases.length > 0)) {
      const who = wave === undefined ? 'the plan' : `wave ${show(wave.name)}`;
      const message = `${who} restores databases and launches no instances`;
      const next = 'Remove the target, or move the action to a wave with servers.';
      context.report('BW614', plan, [...path, 'target'], message, next);
      return;
    }
    if (action.kind === 'automation' && Object.hasOwn(action.parameters, action.targetParameter)) {
      const message = `the parameter ${show(action.targetParameter)} takes the instance ids and is written here too`;
      const next = 'Remove it here, or name another targetParameter.';
      context.report('BW613', plan, [...path, 'parameters', action.targetParameter], message, next);
    }
    const { site } = action;
    const sites = [...new Set(waves.flatMap((each) => sitesOfWave(context, each)))];
    if (site === undefined || sites.length === 0 || context.site(site) === undefined || sites.includes(site)) return;
    const who = wave === undefined ? 'the plan' : `wave ${show(wave.name)}`;
    const message = `${who} launches no instances at ${site}`;
    context.report('BW621', plan, [...path, 'site'], message, `Leave site out, or write one of: ${sites.join(', ')}.`);
  });
};

export const sitesOfFinally: Check = (context) => {
  for (const plan of context.plans) {
    const sites = new Set(
      plan.value.waves.flatMap((wave) => [...sitesOfWave(context, wave), ...(wave.databases ?? []).map(({ site }) => site)]),
    );
    sites.delete('');
    if (sites.size < 2) continue;
    for (const action of plan.value.finally) {
      const path = plan.pathOf(action);
      if (action.site !== undefined || action.target !== 'none' || plan.damaged([...path, 'site'])) continue;
      const message = `the action ${show(action.name)} does not say where it runs; the plan has sites ${[...sites].join(' and ')}`;
      context.report('BW616', plan, [...path, 'name'], message, 'Add site.');
    }
  }
};

const PLACEHOLDERS = ['execution', 'plan', 'wave', 'mode'];

/** Only near misses: shell scripts have placeholders of their own, which are none of our business. */
export const placeholders: Check = (context) => {
  const legal = PLACEHOLDERS.map((name) => `\${${name}}`);
  eachAction(context, (plan, { action }) => {
    for (const [name, values] of Object.entries(action.parameters)) {
      for (const [index, value] of values.entries()) {
        for (const [written, inner = ''] of value.matchAll(/\$\{\s*([A-Za-z]+)\s*\}/g)) {
          const meant = nearest(inner, PLACEHOLDERS, inner.length < 6 ? 1 : 2);
          if (meant === undefined || legal.includes(written)) continue;
          const path = [...plan.pathOf(action), 'parameters', name, index];
          context.report('BW620', plan, path, `${written} stays as it is`, didYouMean(written, legal, 'placeholder'));
        }
      }
    }
  });
};

function eachAction(context: CheckContext, look: (plan: PlanDraft, placed: PlacedAction) => void): void {
  for (const plan of context.plans) for (const placed of actionsOf(plan.value)) look(plan, placed);
}
