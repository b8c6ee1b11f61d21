import type { GithubApi, RepositoryFacts } from '../api.ts';
import { type DoctorFinding, found, ifReadable, notShown } from './finding.ts';

/** What the repository gives to workflows, and to strangers. */
export async function examineSettings(api: GithubApi, repository: RepositoryFacts): Promise<readonly DoctorFinding[]> {
  const token = ifReadable('permissions of the token', async () => {
    const permissions = await api.workflowPermissions();
    if (permissions === undefined) return [notShown('permissions of the token')];
    if (permissions.byDefault !== 'write') return [];
    const todo =
      'Settings > Actions > General > Workflow permissions: choose "Read repository contents and packages permissions".';
    return [found('GH043', 'permissions of the token', 'a job may write everything by default', todo)];
  });
  const forks = ifReadable('workflows of forks', () => examineForks(api, repository));
  const subject = ifReadable('subject of OIDC tokens', () => examineSubject(api));
  return (await Promise.all([token, forks, subject])).flat();
}

async function examineForks(api: GithubApi, { visibility }: RepositoryFacts): Promise<readonly DoctorFinding[]> {
  const settings = await api.forkSettings(visibility);
  if (settings === undefined) return [notShown('workflows of forks')];
  const sent = [...(settings.sendsSecrets ? ['secrets'] : []), ...(settings.sendsWriteTokens ? ['a token that may write'] : [])];
  const page = 'Settings > Actions > General';
  const findings: DoctorFinding[] = [];
  if (sent.length > 0) {
    findings.push(
      found(
        'GH044',
        'workflows of forks',
        `they get ${sent.join(' and ')}`,
        `${page} > Fork pull request workflows: switch it off.`,
      ),
    );
  }
  if (settings.approval !== undefined && settings.approval !== 'all_external_contributors') {
    const todo = `${page} > Approval for running fork pull request workflows: choose all external contributors.`;
    findings.push(found('GH045', 'workflows of forks', `only ${settings.approval.replaceAll('_', ' ')} are held back`, todo));
  }
  return findings;
}

/** https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository */
async function examineSubject(api: GithubApi): Promise<readonly DoctorFinding[]> {
  const subject = 'subject of OIDC tokens';
  const template = await api.oidcSubject();
  if (template === undefined) return [notShown(subject)];
  const findings: DoctorFinding[] = [];
  if (!template.usesDefault && !template.claims.some((claim) => claim === 'environment' || claim === 'context')) {
    const todo = `Take \`environment\` into the template: gh api -X PUT repos/${api.repositoryName}/actions/oidc/customization/sub.`;
    findings.push(found('GH050', subject, `it is made of ${template.claims.join(', ') || 'nothing'}`, todo));
  }
  if (template.immutable === true) {
    const prefix = template.prefix ?? 'repo:OWNER@ID/NAME@ID';
    const todo = 'Look at the trust policies of the roles (docs/credentials.md).';
    findings.push(found('GH051', subject, `it begins with \`${prefix}\``, todo));
  }
  return findings;
}
