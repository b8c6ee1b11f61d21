import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { POLICIES, type PolicyName, statementsOf } from '@breakwater/operations';
import { labelOf, names, type Permission, type Played, play, playWithout, usesOf } from './removal.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * Permissions whose absence is told but does not make a run worse, each with the reason. Anything else must fail, or at least degrade, a
 * run and be named in what the person reads.
 */
const TOLD_ONLY: Readonly<Record<string, string>> = {
  'drs:DescribeJobLogItems':
    'the log is for people: whether servers were launched is known without it, so a recovery goes on with a warning',
};

const POLICY_NAMES = Object.keys(POLICIES).filter((name): name is PolicyName => Object.hasOwn(POLICIES, name));

const played: Played[] = [];

describe('with exactly its policies, AWS lets every deed do its work', () => {
  for (const scenario of SCENARIOS) {
    test(scenario.name, async () => {
      const one = await play(scenario);
      played.push(one);
      assert.equal(one.told.status, scenario.status, one.told.text);
    });
  }
});

describe('no permission is superfluous, and each is named where it lacks', () => {
  for (const policy of POLICY_NAMES) {
    test(policy, async () => {
      assert.equal(played.length, SCENARIOS.length, 'all were played');
      const problems: string[] = [];
      for (const permission of permissionsIn(policy)) problems.push(...(await problemsWithout(permission)));
      assert.deepEqual(problems, []);
    });
  }
});

function permissionsIn(policy: PolicyName): readonly Permission[] {
  return statementsOf(policy).flatMap(({ Sid, Action }) => Action.map((action) => ({ policy, statement: Sid, action })));
}

function usedBy(permission: Permission): readonly Played[] {
  return played.filter((one) => one.scenario.wholeOnly !== true && usesOf(permission, one).length > 0);
}

describe('a restore that archives in a vault says which permission of the copy it lacks', () => {
  for (const name of ['restore, archived in a vault', 'restore of an instance, archived in a vault']) {
    test(name, async () => {
      const archived = played.find(({ scenario }) => scenario.name === name);
      assert.ok(archived !== undefined);
      // Those of the restore itself are taken away above.
      const used = (['copy-snapshot-source', 'copy-snapshot-destination'] as const)
        .flatMap(permissionsIn)
        .filter((permission) => usesOf(permission, archived).length > 0);
      assert.ok(new Set(used.map(({ policy }) => policy)).size === 2 && used.length > 12, used.map(labelOf).join());
      const problems: string[] = [];
      for (const permission of used) problems.push(...(await problemsWithout(permission, archived)));
      assert.deepEqual(problems, []);
    });
  }
});

/** What is wrong with a permission: nothing uses it, or a run without it does not suffer, or does not say why. */
async function problemsWithout(permission: Permission, chosen = quickest(permission)): Promise<readonly string[]> {
  const label = labelOf(permission);
  if (chosen === undefined) return [`${label}: no scenario uses it`];
  const { name } = chosen.scenario;
  const told = await playWithout(permission, chosen);
  const problems: string[] = [];
  const suffers = succeeds(chosen) ? told.status !== 'succeeded' : told.text !== chosen.told.text;
  if (!suffers && TOLD_ONLY[permission.action] === undefined) problems.push(`${label}: "${name}" does not miss it`);
  if (!names(told.text, permission.action)) problems.push(`${label}: "${name}" does not name it: ${told.text.slice(0, 500)}`);
  if (names(chosen.told.text, permission.action)) problems.push(`${label}: "${name}" names it although it has it`);
  return problems;
}

function quickest(permission: Permission): Played | undefined {
  const chosen = [...usedBy(permission)]
    // A scenario that succeeds shows more; then the quickest.
    .sort((a, b) => Number(succeeds(b)) - Number(succeeds(a)) || a.took - b.took);
  return chosen[0];
}

function succeeds({ told }: Played): boolean {
  return told.status === 'succeeded';
}

test('the exceptions are needed', () => {
  const all = new Set(POLICY_NAMES.flatMap(permissionsIn).map(({ action }) => action));
  for (const [action, reason] of Object.entries(TOLD_ONLY)) {
    assert.ok(all.has(action), `${action} is in no policy`);
    assert.ok(reason.length > 20);
  }
});

test('a name counts in full or as a pattern', () => {
  assert.ok(names('lacks kms:ReEncrypt* there', 'kms:ReEncryptFrom'));
  assert.ok(names('not authorized to perform: rds:CopyDBSnapshot on', 'rds:CopyDBSnapshot'));
  assert.ok(!names('rds:CopyDBSnapshotX', 'rds:CopyDBSnapshot'));
  assert.ok(!names('rds:Copy', 'rds:CopyDBSnapshot'));
});
