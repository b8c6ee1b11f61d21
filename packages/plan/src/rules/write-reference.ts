/** Writes docs/check-rules.md; a test holds the page to the catalogue. */
import { writeFileSync } from 'node:fs';
import { ruleReference } from './reference.ts';

writeFileSync(new URL('../../../../docs/check-rules.md', import.meta.url), ruleReference());
