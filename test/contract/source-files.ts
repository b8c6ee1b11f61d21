import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { init, parse } from 'es-module-lexer';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** A source file as it runs: types, and so type-only imports, are gone. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** `packages/<name>` or `actions/<name>`. */
  readonly room: string;
  readonly code: string;
  readonly imports: readonly { readonly specifier: string; readonly dynamic: boolean }[];
}

/** Every source file of packages and actions that runs in production: no tests, and no doubles that only tests use. */
export async function productionFiles(): Promise<readonly SourceFile[]> {
  await init();
  return globSync(['packages/*/src/**/*.ts', 'actions/*/src/**/*.ts'], { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/\.test\.ts$|\/testing(\/|\.ts$)|\/recording-runner\.ts$/.test(file))
    .sort()
    .map((file) => {
      const code = stripTypeScriptTypes(readFileSync(path.join(ROOT, file), 'utf8'));
      const [imports] = parse(code, file);
      return {
        file,
        room: file.split('/').slice(0, 2).join('/'),
        code,
        imports: imports.flatMap((found) =>
          found.type !== 'import-meta' && found.specifier !== undefined
            ? [{ specifier: found.specifier, dynamic: found.type === 'dynamic' }]
            : [],
        ),
      };
    });
}
