import { parseDocument, visit } from 'yaml';
import type { GithubApi } from '../api.ts';
import { type DoctorFinding, found, ifReadable } from './finding.ts';

/** A workflow file of the checkout. */
export interface WorkflowFile {
  /** From the root of the repository, as `.github/workflows/drill.yml`. */
  readonly file: string;
  readonly text: string;
}

/** Whether the workflows that run Breakwater run at all, and what else they run. */
export async function examineWorkflows(api: GithubApi, files: readonly WorkflowFile[]): Promise<readonly DoctorFinding[]> {
  const ours = files.filter(({ text }) => /breakwater/i.test(text));
  const disabled = ifReadable('workflows', async () => {
    const states = new Map((await api.workflows()).map(({ path, state }) => [path, state]));
    return ours.flatMap(({ file }) => {
      const state = states.get(file);
      if (state === undefined || !state.startsWith('disabled')) return [];
      const why =
        state === 'disabled_inactivity'
          ? 'GitHub disabled it after 60 days without activity'
          : `it is ${state.replaceAll('_', ' ')}`;
      return [found('GH040', file, why, `Actions > ${file}: "Enable workflow".`)];
    });
  });
  return [...(await disabled), ...ours.flatMap(unpinned), ...ours.flatMap(vouching)];
}

function unpinned({ file, text }: WorkflowFile): readonly DoctorFinding[] {
  const movable = new Set(usesIn(text).filter((uses) => !isPinned(uses)));
  if (movable.size === 0) return [];
  return [found('GH042', file, [...movable].join(', '), 'Write `owner/name@<40 hexadecimal digits> # v1.2.3` for each.')];
}

/** Ways past the proof of a gate, as they are written in a workflow; what a comment says is no way. */
function vouching({ file, text }: WorkflowFile): readonly DoctorFinding[] {
  const written = text.replaceAll(/(^|\s)#.*$/gm, '');
  const ways = [
    ...(/\bbreakwater(?:\.js)?\s+run\b[\s\S]*?--approve\b/.test(written) ? ['`breakwater run --approve`'] : []),
    ...(/^\s*when-github-is-down:\s*["']?vouch\b/m.test(written) ? ['`when-github-is-down: vouch`'] : []),
  ];
  if (ways.length === 0) return [];
  const todo = 'Use the action execute-wave with `approved-gates`, and leave `when-github-is-down` out (docs/approvals.md).';
  return [found('GH047', file, ways.join(', '), todo)];
}

/** The same for all jobs of `wave.yml`, without a word in any file. */
export function vouchingVariable(value: string | undefined): readonly DoctorFinding[] {
  if (value?.trim() !== 'vouch') return [];
  const wrong = 'it is `vouch`: `wave.yml` opens gates on the word of who runs it while GitHub does not answer';
  const todo =
    'Settings > Secrets and variables > Actions > Variables: remove it, unless the team has decided so (docs/approvals.md).';
  return [found('GH047', 'variable BREAKWATER_WHEN_GITHUB_IS_DOWN', wrong, todo)];
}

/** Local actions go with the commit of the workflow; images have digests. */
function isPinned(uses: string): boolean {
  if (uses.startsWith('./') || uses.startsWith('$/')) return true;
  return uses.startsWith('docker://') ? /@sha256:[0-9a-f]{64}$/.test(uses) : /@[0-9a-f]{40}$/.test(uses);
}

/** Every `uses:` of steps and jobs; none in what is no YAML. */
function usesIn(text: string): readonly string[] {
  const uses: string[] = [];
  visit(parseDocument(text, { strict: false, logLevel: 'silent' }), {
    Pair(_, { key, value }) {
      if (scalarOf(key) === 'uses') uses.push(...[scalarOf(value)].filter((one) => one !== undefined));
    },
  });
  return uses;
}

function scalarOf(node: unknown): string | undefined {
  const value = typeof node === 'object' && node !== null && 'value' in node ? node.value : undefined;
  return typeof value === 'string' ? value : undefined;
}
