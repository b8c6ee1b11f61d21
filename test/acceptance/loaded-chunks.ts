import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';

/**
 * Preloaded into a bundle (`node --import`), this lists every file of it that Node loads, into the file that
 * `BREAKWATER_LOADED` names.
 */
const list = process.env['BREAKWATER_LOADED'];
if (list) {
  registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:')) appendFileSync(list, `${path.basename(new URL(url).pathname)}\n`);
      return next(url, context);
    },
  });
}
