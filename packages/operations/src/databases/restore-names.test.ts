import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import fc from 'fast-check';
import {
  deedHash,
  derivedName,
  identifier,
  isFinalSnapshot,
  isIdentifier,
  restoreNames,
  suffixed,
  withoutSuffix,
} from './restore-names.ts';

const base = { execution: 'webshop-1', mode: 'recovery', database: 'Webshop', target: undefined, strategy: 'new' } as const;
const legal = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,40}$/).filter(isIdentifier);

test('the same execution and target always give the same names, others give others', () => {
  assert.deepEqual(restoreNames(base), restoreNames({ ...base, database: 'webshop' }));
  assert.notEqual(restoreNames(base).target, restoreNames({ ...base, execution: 'webshop-2' }).target);
  assert.match(restoreNames(base).target, /^webshop-restored-[0-9a-f]{6}$/);
  assert.equal(restoreNames({ ...base, target: 'Shop-DR' }).target, 'shop-dr');
});

test('a swap builds beside; new and replace build in place', () => {
  const swap = restoreNames({ ...base, strategy: 'swap' });
  assert.equal(swap.target, 'webshop');
  assert.equal(swap.build, `webshop-new-${swap.hash}`);
  assert.equal(swap.old, `webshop-old-${swap.hash}`);
  const replace = restoreNames({ ...base, strategy: 'replace' });
  assert.deepEqual([replace.target, replace.build], ['webshop', 'webshop']);
});

test('a drill never takes the name it was given, whatever the strategy', () => {
  for (const strategy of ['new', 'swap', 'replace'] as const) {
    for (const target of [undefined, 'webshop']) {
      const names = restoreNames({ ...base, mode: 'drill', strategy, target });
      assert.match(names.target, /^webshop-drill-[0-9a-f]{6}$/);
      assert.equal(names.build, names.target);
    }
  }
});

test('names that RDS would refuse are refused before anything is asked', () => {
  for (const wrong of ['', '1a', 'a--b', 'a-', 'a_b', 'é', 'a'.repeat(64), "a';drop"]) {
    assert.throws(
      () => identifier(wrong, 'target'),
      (error: unknown) => error instanceof UserError && error.code === 'usage',
      wrong,
    );
  }
});

test('derived names are legal, and two long names stay apart', () => {
  fc.assert(
    fc.property(legal, fc.constantFrom('drill', 'final', 'restored'), (name, role) => {
      assert.ok(isIdentifier(derivedName(name, role, 'abcdef')), derivedName(name, role, 'abcdef'));
    }),
  );
  const long = 'a'.repeat(60);
  const named = restoreNames({ execution: 'e', mode: 'recovery', database: long, target: undefined, strategy: 'replace' });
  assert.equal(named.exportTask.length, 60, 'as many as StartExportTask takes');
  assert.notEqual(derivedName(`${long}x`, 'final', 'abcdef'), derivedName(`${long}y`, 'final', 'abcdef'));
  assert.ok(isFinalSnapshot(derivedName(`${long}x`, 'final', 'abcdef')));
  assert.ok(!isFinalSnapshot('webshop-final'));
});

test('the names of a swap lead back to where they came from, or are refused', () => {
  fc.assert(
    fc.property(legal, (name) => {
      assert.equal(withoutSuffix(suffixed(name, '-old-abcdef'), '-old-abcdef'), name);
    }),
  );
  assert.throws(() => suffixed('a'.repeat(53), '-old-abcdef'), UserError);
  assert.throws(() => restoreNames({ ...base, strategy: 'swap', target: 'a'.repeat(53) }), UserError);
});

test('names at the edge of what RDS takes', () => {
  const longest = 'a'.repeat(63);
  assert.equal(isIdentifier(longest), true);
  assert.equal(isIdentifier(`${longest}a`), false);
  const suffix = '-old-abcdef';
  assert.equal(suffixed('b'.repeat(52), suffix).length, 63);
  assert.throws(() => suffixed('b'.repeat(53), suffix), { code: 'usage' });
  assert.equal(derivedName('c'.repeat(50), 'final', 'abcdef'), `${'c'.repeat(50)}-final-abcdef`, 'what just fits is not cut');
  const cut = derivedName(`${'d'.repeat(42)}-${'d'.repeat(20)}`, 'final', 'abcdef');
  assert.match(cut, /^d{42}-[0-9a-f]{6}-final-abcdef$/, 'a hyphen at the cut is not doubled');
  assert.equal(deedHash('run', 'Shop'), deedHash('run', 'shop'), 'RDS does not tell upper from lower case');
  assert.notEqual(deedHash('run', 'shop'), deedHash('Run', 'shop'));
  assert.equal(deedHash('run', 'shop').length, 6);
  assert.equal(isFinalSnapshot('shop-final-abcdef'), true);
  for (const id of ['shop-final-abcde', 'shop-final-abcdefg', 'shop-final-ABCDEF', 'shop-last-abcdef', 'shop-final-abcdef-2'])
    assert.equal(isFinalSnapshot(id), false, id);
});
