import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Log } from 'sarif';
import {
  checkPlans,
  type Finding,
  formatFindings,
  formatGithub,
  formatSarif,
  formatText,
  loadPlanSources,
  RULES,
  summary,
} from '../index.ts';

const found = (more: Partial<Finding> = {}): Finding => ({
  rule: 'BW205',
  severity: 'error',
  location: { file: 'plans/shop.yaml', line: 12, column: 5 },
  message: 'there is no protection group "webb"',
  next: 'Did you mean web? There is: web.',
  blocksRun: true,
  ...more,
});

describe('text', () => {
  it('shows place, severity, rule, message and what to do, grouped by file, and counts', () => {
    const findings = [
      found(),
      found({
        location: { file: 'plans/sites.yaml', line: 1, column: 1 },
        severity: 'note',
        rule: 'BW207',
        message: 'm',
        next: 'n',
      }),
    ];
    assert.equal(
      formatFindings(findings, 'text'),
      `plans/shop.yaml:12:5: error BW205 unknown-group: there is no protection group "webb"
    Did you mean web? There is: web.

plans/sites.yaml:1:1: note BW207 unused-document: m
    n

1 error, 1 note in 2 files
`,
    );
    assert.equal(formatFindings([], 'text'), 'nothing found\n');
    assert.equal(summary([found(), found()]), '2 errors in 1 file');
  });

  it('colours only when asked to, and lets no control character through', () => {
    const nasty = found({ message: 'a\u001b[2Jb\nc\u202ed', location: { file: 'x\r.yaml', line: 1, column: 1 } });
    assert.ok(formatText([nasty], { colour: true }).includes('\u001b[31merror\u001b[0m'));
    const plain = formatText([nasty]);
    assert.ok(plain.includes('a\\u001b[2Jb\\u000ac\\u202ed') && plain.includes('x\\u000d.yaml'));
    assert.ok(!plain.includes('\u001b'));
    assert.ok(formatText([found({ message: 'a ##[add-mask]b' })]).includes('a ##\\u005badd-mask]b'), 'no command to a runner');
  });
});

describe('json', () => {
  it('is versioned and complete', () => {
    assert.deepEqual(JSON.parse(formatFindings([found()], 'json')), {
      schema: 'breakwater.findings/1',
      counts: { error: 1, warning: 0, note: 0 },
      findings: [
        {
          rule: 'BW205',
          name: 'unknown-group',
          severity: 'error',
          blocksRun: true,
          file: 'plans/shop.yaml',
          line: 12,
          column: 5,
          message: 'there is no protection group "webb"',
          next: 'Did you mean web? There is: web.',
        },
      ],
    });
  });
});

describe('sarif', () => {
  const parse = (text: string): Log => JSON.parse(text);

  it('has one run, the rules with help, and results with place and fingerprint', () => {
    const log = parse(formatFindings([found()], 'sarif'));
    assert.equal(log.version, '2.1.0');
    assert.equal(log.runs.length, 1);
    const [run] = log.runs;
    assert.deepEqual(
      run?.tool.driver.rules?.map(({ id }) => id),
      RULES.map(({ id }) => id),
    );
    for (const rule of run?.tool.driver.rules ?? [])
      assert.ok(rule.help?.text && rule.shortDescription?.text && rule.defaultConfiguration?.level);
    const [result] = run?.results ?? [];
    assert.equal(result?.level, 'error');
    assert.equal(run?.tool.driver.rules?.[result?.ruleIndex ?? -1]?.id, 'BW205');
    assert.deepEqual(result?.locations, [
      { physicalLocation: { artifactLocation: { uri: 'plans/shop.yaml' }, region: { startLine: 12, startColumn: 5 } } },
    ]);
    assert.match(result?.partialFingerprints?.['breakwaterFinding/v1'] ?? '', /^[0-9a-f]{64}$/);
  });

  it('keeps the fingerprint when the line moves', () => {
    const print = (line: number) =>
      parse(formatSarif([found({ location: { file: 'a.yaml', line, column: 1 } })])).runs[0]?.results?.[0]?.partialFingerprints;
    assert.deepEqual(print(1), print(99));
  });

  it('writes paths as URIs', () => {
    const uri = (file: string) =>
      parse(formatSarif([found({ location: { file, line: 1, column: 1 } })])).runs[0]?.results?.[0]?.locations?.[0]
        ?.physicalLocation?.artifactLocation?.uri;
    assert.equal(uri('./plans/a b#1.yaml'), 'plans/a%20b%231.yaml');
    assert.equal(uri('plans\\x.yaml'), 'plans/x.yaml');
    assert.equal(uri('/srv/x.yaml'), 'file:///srv/x.yaml');
  });

  it('drops repetitions, keeps the gravest 5,000 and says how many it left out', () => {
    const many = Array.from({ length: 5_100 }, (_, line) =>
      found({ severity: 'warning', location: { file: 'a.yaml', line: line + 1, column: 1 } }),
    );
    const worst = found({ location: { file: 'z.yaml', line: 1, column: 1 } });
    const [run] = parse(formatSarif([...many, ...many, worst])).runs;
    assert.equal(run?.results?.length, 5_000);
    assert.ok(run?.results?.some(({ level }) => level === 'error'));
    assert.match(run?.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text ?? '', /^101 more/);
  });
});

describe('github', () => {
  it('escapes what would break the command', () => {
    const nasty = found({ message: '100%\r\n::error::x', next: 'n', location: { file: 'a,b:c.yaml', line: 1, column: 2 } });
    assert.equal(
      formatFindings([nasty], 'github'),
      '::error file=a%2Cb%3Ac.yaml,line=1,col=2,title=BW205 unknown-group::100%25%0D%0A::error::x%0An\n',
    );
    assert.equal(formatGithub([]), '');
  });

  it('shows ten of a level, the tenth counting the rest', () => {
    const lines = (count: number) =>
      formatGithub(Array.from({ length: count }, () => found()))
        .trim()
        .split('\n');
    assert.equal(lines(10).length, 10);
    assert.ok(lines(10).every((line) => line.startsWith('::error file=')));
    assert.equal(lines(25).length, 10);
    assert.equal(lines(25).at(-1), '::error title=More findings::16 more of this level. breakwater check lists all.');
    const mixed = formatGithub([found({ severity: 'note' }), found({ severity: 'warning' }), found()]);
    assert.deepEqual(
      mixed
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
      ['::error', '::warning', '::notice'],
    );
  });
});

describe('all formats', () => {
  it('stay on one line for each finding of a hostile file', () => {
    const text = 'apiVersion: breakwater/v1\nkind: Site\nname: "x\\n::error::y\\e[2J"\n';
    const findings = checkPlans(loadPlanSources([{ file: 'p.yaml', text }]));
    assert.ok(findings.length > 0);
    assert.ok(
      formatFindings(findings, 'github')
        .split('\n')
        .every((line) => line === '' || line.startsWith('::error file=p.yaml')),
    );
    assert.ok(!formatFindings(findings, 'text').includes('\u001b'));
  });
});
