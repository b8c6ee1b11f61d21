import type { Plugin } from 'rolldown';
import license, { type Options } from 'rollup-plugin-license';

/**
 * rollup-plugin-license is CommonJS whose types claim a default export that Node does not see as one, and it is typed for Rollup, whose
 * plugins rolldown takes as they are. What is imported is the function itself.
 */
export function licencePlugin(options: Options): Plugin {
  const make = license as unknown as (options: Options) => Plugin;
  return make(options);
}
