import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ACTIONS } from '../../build/actions.ts';
import { ROOT } from './source-files.ts';

/** What the functions of the Lambda pipeline are configured with, in their own words. */
const VARIABLES = [
  ['STATE_TABLE_NAME', 'AUDIT_TABLE_NAME', 'ENVIRONMENT', 'LOG_LEVEL'],
  ['SOURCE_REGION', 'SOURCE_CLUSTER_ID', 'SNAPSHOT_PREFIX'],
  ['TARGET_REGION', 'TARGET_CLUSTER_ID', 'KMS_KEY_ID', 'MAX_COPY_ATTEMPTS', 'COPY_CHECK_INTERVAL'],
  ['SKIP_FINAL_SNAPSHOT', 'DB_SUBNET_GROUP_NAME', 'VPC_SECURITY_GROUP_IDS', 'PORT', 'DELETION_PROTECTION'],
  ['MAX_RESTORE_ATTEMPTS', 'RESTORE_CHECK_INTERVAL', 'MASTER_CREDENTIALS_SECRET_ID', 'APP_CREDENTIALS_SECRET_ID'],
  ['DB_CONNECTION_TIMEOUT', 'ARCHIVE_SNAPSHOT', 'SNS_TOPIC_ARN'],
].flat();

/** Words between backticks that are values, not names of inputs. */
const VALUES = new Set(['aurora-snapshot*', 'tag', 'vault', 'export', 'key', 'result', 'cross-account-role-arn']);

const page = readFileSync(path.join(ROOT, 'docs/restore-aurora.md'), 'utf8');
const table = page
  .slice(page.indexOf('## From the Lambda pipeline'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| -'))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, variable = '', here = '']) => ({ variable, here }));

test('every variable of the pipeline that is replaced has a row that says what takes its place', () => {
  const named = table.flatMap(({ variable }) => [...variable.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
  assert.deepEqual(
    VARIABLES.filter((variable) => !named.includes(variable)),
    [],
  );
});

test('what takes its place is an input or output of the action', () => {
  const action = ACTIONS.find(({ name }) => name === 'restore-aurora');
  const known = new Set([...Object.keys(action?.inputs ?? {}), ...Object.keys(action?.outputs ?? {})]);
  assert.ok(known.has('source-cluster') && table.length > 20, `${table.length} rows`);
  const strange = table.flatMap(({ here }) =>
    [...here.matchAll(/`([^`]+)`/g)]
      .flatMap(([, words = '']) => words.split(': ')[0] ?? [])
      .filter((name) => !known.has(name) && !VALUES.has(name)),
  );
  assert.deepEqual(strange, []);
});
