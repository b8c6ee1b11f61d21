import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { heaviestAntichain, type Weighed } from './antichain.ts';

/** Random graphs without circles: a vertex may only come after vertices of lower index, under a random renaming. */
const graphs = fc.integer({ min: 0, max: 9 }).chain((size) =>
  fc.record({
    weights: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: size, maxLength: size }),
    edges: fc.array(fc.boolean(), { minLength: size * size, maxLength: size * size }),
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
  }),
);

function build({ weights, edges, order }: { weights: number[]; edges: boolean[]; order: number[] }): Weighed[] {
  const size = weights.length;
  return weights.map((weight, vertex) => {
    const rank = order.indexOf(vertex);
    return { weight, after: order.filter((other, otherRank) => otherRank < rank && edges[vertex * size + other]) };
  });
}

/** The slow truth: every subset whose members are not reachable from each other. */
function bruteForce(vertices: readonly Weighed[]): number {
  const before = vertices.map((_, index) => ancestors(vertices, index));
  let best = 0;
  for (let subset = 0; subset < 2 ** vertices.length; subset++) {
    const members = vertices.flatMap((_, index) => (subset & (1 << index) ? [index] : []));
    if (members.some((a) => members.some((b) => before[a]?.has(b)))) continue;
    best = Math.max(
      best,
      members.reduce((sum, index) => sum + (vertices[index]?.weight ?? 0), 0),
    );
  }
  return best;
}

function ancestors(vertices: readonly Weighed[], of: number): Set<number> {
  const seen = new Set<number>();
  const open = [...(vertices[of]?.after ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(vertices[next]?.after ?? []));
  }
  return seen;
}

describe('heaviestAntichain', () => {
  it('is what brute force finds, and its members weigh that much and do not wait for each other', () => {
    fc.assert(
      fc.property(graphs, (input) => {
        const vertices = build(input);
        const { weight, members } = heaviestAntichain(vertices);
        assert.equal(weight, bruteForce(vertices));
        assert.equal(
          members.reduce((sum, index) => sum + (vertices[index]?.weight ?? 0), 0),
          weight,
        );
        for (const member of members) {
          const before = ancestors(vertices, member);
          assert.ok(!members.some((other) => before.has(other)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('adds up what is side by side and takes the heaviest of what is in a row', () => {
    const row = [0, 1, 2].map((index) => ({ weight: 10 + index, after: index === 0 ? [] : [index - 1] }));
    assert.deepEqual(heaviestAntichain(row), { weight: 12, members: [2] });
    const side = row.map(({ weight }) => ({ weight, after: [] }));
    assert.deepEqual(heaviestAntichain(side), { weight: 33, members: [0, 1, 2] });
  });

  it('sees that order runs through waves without weight', () => {
    const vertices = [
      { weight: 7, after: [] },
      { weight: 0, after: [0] },
      { weight: 8, after: [1] },
    ];
    assert.deepEqual(heaviestAntichain(vertices), { weight: 8, members: [2] });
  });

  it('refuses a circle', () => {
    assert.throws(
      () =>
        heaviestAntichain([
          { weight: 1, after: [1] },
          { weight: 1, after: [0] },
        ]),
      RangeError,
    );
  });
});
