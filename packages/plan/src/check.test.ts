import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPlans, loadPlanSources, RULES } from './index.ts';
import { BASE, CASES } from './testing/corpus.ts';

const MARK = /⟦(BW\d{3})⟧/;

/** The text without its marks, and where the marks stood. */
function unmark(marked: string): { text: string; expected: string[] } {
  let text = marked;
  const expected: string[] = [];
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    const before = text.slice(0, match.index);
    expected.push(`${match[1]} ${before.split('\n').length}:${match.index - before.lastIndexOf('\n')}`);
    text = before + text.slice(match.index + match[0].length);
  }
  return { text, expected: expected.sort() };
}

function check(text: string) {
  return checkPlans(loadPlanSources([{ file: 'case.yaml', text }], [{ file: 'base.yaml', text: BASE }]));
}

function placesOf(text: string): string[] {
  return check(text)
    .map(({ rule, location }) => `${rule} ${location.line}:${location.column}`)
    .sort();
}

describe('check', () => {
  for (const { rule, about, bad, good } of CASES) {
    it(`${rule}: ${about}`, () => {
      const { text, expected } = unmark(bad);
      assert.ok(
        expected.some((each) => each.startsWith(rule)),
        'the case marks its own rule',
      );
      assert.deepEqual(placesOf(text), expected);
      assert.deepEqual(placesOf(good), []);
    });
  }

  it('has a case for every rule but those of the disk, and of workflows beside the plans', () => {
    const covered = new Set(CASES.map(({ rule }) => rule));
    assert.deepEqual(
      RULES.map(({ id }) => id).filter((id) => !covered.has(id)),
      ['BW101', 'BW901', 'BW902', 'BW907'],
    );
  });

  it('says for every finding what is legal, and repeats no secret', () => {
    for (const { bad } of CASES) {
      for (const found of check(unmark(bad).text)) {
        assert.ok(found.message.length > 10 && found.next.length > 5, JSON.stringify(found));
        assert.doesNotMatch(JSON.stringify(found), /AKIA[A-Z]{16}|hunter2|app:pw@|ghp_a1/);
      }
    }
  });
});
