import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cyclesOf, dependenciesOf, downstreamOf, loadPlanSources, selectWaves, topologicalOrder, upstreamOf } from './index.ts';

function waves(...pairs: [string, ...string[]][]) {
  return { waves: pairs.map(([name, ...dependsOn]) => ({ name, dependsOn })) };
}

const diamond = waves(['web', 'left', 'right'], ['left', 'base'], ['right', 'base'], ['base'], ['lone']);

describe('order', () => {
  it('knows direct and indirect neighbours, in the order of the plan', () => {
    assert.deepEqual(dependenciesOf(diamond, 'web'), ['left', 'right']);
    assert.deepEqual(upstreamOf(diamond, 'web'), ['left', 'right', 'base']);
    assert.deepEqual(downstreamOf(diamond, 'base'), ['web', 'left', 'right']);
    assert.deepEqual(downstreamOf(diamond, 'lone'), []);
    assert.deepEqual(dependenciesOf(waves(['a', 'ghost', 'b', 'b'], ['b']), 'a'), ['b']);
    assert.deepEqual(dependenciesOf(diamond, 'ghost'), []);
  });

  it('puts every wave after those it depends on', () => {
    assert.deepEqual(topologicalOrder(diamond), ['base', 'lone', 'left', 'right', 'web']);
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(40), { maxLength: 5 }), { maxLength: 40 }), (lists) => {
        const plan = {
          waves: lists
            .map((list, index) => ({ name: `w${index}`, dependsOn: list.filter((to) => to < index).map((to) => `w${to}`) }))
            .reverse(),
        };
        const order = topologicalOrder(plan);
        assert.equal(order.length, lists.length);
        for (const { name, dependsOn } of plan.waves)
          for (const each of dependsOn) assert.ok(order.indexOf(each) < order.indexOf(name));
        assert.deepEqual(cyclesOf(plan), []);
      }),
    );
  });

  it('leaves out circles and what waits for them, and names each circle once by its shortest way', () => {
    const plan = waves(['a', 'c'], ['b', 'a'], ['c', 'b'], ['behind', 'c'], ['fine'], ['x', 'y'], ['y', 'x', 'a']);
    assert.deepEqual(topologicalOrder(plan), ['fine']);
    assert.deepEqual(cyclesOf(plan), [
      ['a', 'c', 'b'],
      ['x', 'y'],
    ]);
    assert.deepEqual(cyclesOf(waves(['self', 'self'])), []);
  });
});

describe('selectWaves', () => {
  const plan = loadPlanSources([
    {
      file: 'p.yaml',
      text: `apiVersion: breakwater/v1
kind: RecoveryPlan
name: p
owner: o
tier: 1
objectives: { rto: 1h, rpo: 1h }
waves:
  - { name: one, groups: [g] }
  - { name: two, groups: [h] }
`,
    },
  ]).set.plans.get('p');
  assert.ok(plan);

  it('takes all without names, and the named ones in the order of the plan', () => {
    assert.deepEqual(
      selectWaves(plan, []).map(({ name }) => name),
      ['one', 'two'],
    );
    assert.deepEqual(
      selectWaves(plan, ['two', 'one', 'two']).map(({ name }) => name),
      ['one', 'two'],
    );
    assert.deepEqual(
      selectWaves(plan, ['two']).map(({ name }) => name),
      ['two'],
    );
  });

  it('names every unknown wave, and what was meant', () => {
    assert.throws(() => selectWaves(plan, ['tow', 'one', 'ghost']), {
      code: 'wave-unknown',
      message: 'plan "p" has no wave "tow", "ghost"',
      next: /Did you mean two\?|There is: one, two/,
    });
  });
});
