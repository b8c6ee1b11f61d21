import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FeatureFlags } from '@actions/expressions';
import type { ActionsMetadataProvider, validate } from '@actions/languageservice';
import { build, type Plugin } from 'rolldown';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';
import { temporaryFolder } from '../acceptance/step.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Something that GitHub's own validator says of a file. */
export interface Diagnosis {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

type ActionMetadata = Awaited<ReturnType<ActionsMetadataProvider['fetchActionMetadata']>>;

interface Service {
  readonly validate: typeof validate;
  readonly TextDocument: typeof TextDocument;
  readonly FeatureFlags: typeof FeatureFlags;
}

let loaded: Promise<Service> | undefined;
/** It keeps what it parsed by address: every text gets one of its own. */
let texts = 0;

/** Its files import JSON without saying so, which Node refuses: it is bundled first. */
function service(): Promise<Service> {
  loaded ??= (async () => {
    const file = path.join(temporaryFolder('languageservice'), 'service.mjs');
    const entry: Plugin = {
      name: 'entry',
      resolveId: (id) => (id === 'entry' ? path.join(ROOT, 'entry.js') : null),
      load: (id) =>
        id === path.join(ROOT, 'entry.js')
          ? [
              "export { validate } from '@actions/languageservice';",
              "export { FeatureFlags } from '@actions/expressions';",
              "export { TextDocument } from 'vscode-languageserver-textdocument';",
            ].join('\n')
          : null,
    };
    await build({
      cwd: ROOT,
      input: 'entry',
      platform: 'node',
      logLevel: 'silent',
      plugins: [entry],
      output: { file, format: 'esm' },
    });
    const service: Service = await import(pathToFileURL(file).href);
    return service;
  })();
  return loaded;
}

/** What GitHub's validator says of a text; `file` is its path from the root, which decides whether it is a workflow or an action. */
export async function diagnose(file: string, text: string): Promise<readonly Diagnosis[]> {
  const { validate, TextDocument, FeatureFlags } = await service();
  const found = await validate(TextDocument.create(`file:///repository-${++texts}/${file}`, 'yaml', 1, text), {
    featureFlags: new FeatureFlags({ all: true }),
    // Workflows that are called by `$/…` or `./…` are here; others are not looked at.
    fileProvider: {
      async getFileContent(reference) {
        if ('repository' in reference) throw new Error('only workflows of this repository are known');
        return { name: reference.path, content: readFileSync(path.join(ROOT, reference.path), 'utf8') };
      },
    },
    // Inputs of actions of others are known to GitHub alone: whatever is given is taken.
    actionsMetadataProvider: {
      async fetchActionMetadata({ owner, name, path: folder }) {
        const own = /^breakwater$/.test(name) ? actionHere(folder ?? '') : undefined;
        return own ?? { name: `${owner}/${name}`, description: '' };
      },
    },
  });
  return found.map(({ range, message }) => ({
    file,
    line: range.start.line + 1,
    message: typeof message === 'string' ? message : message.value,
  }));
}

function actionHere(folder: string): ActionMetadata {
  try {
    return parse(readFileSync(path.join(ROOT, folder, 'action.yml'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Every workflow and every action of this repository. */
export async function diagnoseAll(): Promise<readonly Diagnosis[]> {
  const files = globSync(['.github/workflows/*.yml', 'actions/*/action.yml', 'action.yml'], { cwd: ROOT }).sort();
  const all: Diagnosis[] = [];
  for (const file of files)
    all.push(...(await diagnose(file.replaceAll('\\', '/'), readFileSync(path.join(ROOT, file), 'utf8'))));
  return all;
}

if (import.meta.main) {
  const all = await diagnoseAll();
  for (const { file, line, message } of all) console.error(`${file}:${line}: ${message}`);
  process.exitCode = all.length === 0 ? 0 : 1;
}
