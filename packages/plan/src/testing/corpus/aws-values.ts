import { action, type DefectCase, GOOD, group, hole, ID, PIT, plan, SITE, site } from './building-blocks.ts';

const DATABASE = 'databases: [{ name: db, cluster: shop, site: here, strategy: swap }]';

export const AWS_VALUES: readonly DefectCase[] = [
  { rule: 'BW601', about: 'eleven digits', bad: site('account: ⟦BW601⟧"11112222333"\nregion: us-west-2\n'), good: site(SITE) },
  {
    rule: 'BW602',
    about: 'a zone for a Region',
    bad: site('account: "111122223333"\nregion: ⟦BW602⟧us-west-2a\n'),
    good: site(SITE),
  },
  {
    rule: 'BW603',
    about: 'a user for a role',
    bad: site(`${SITE}roleArn: ⟦BW603⟧arn:aws:iam::111122223333:user/x\n`),
    good: site(`${SITE}roleArn: arn:aws:iam::111122223333:role/path/x\n`),
  },
  {
    rule: 'BW604',
    about: 'a role of another account',
    bad: site(`${SITE}roleArn: ⟦BW604⟧arn:aws:iam::444455556666:role/x\n`),
    good: site(`${SITE}roleArn: arn:aws:iam::111122223333:role/x\n`),
  },
  {
    rule: 'BW604',
    about: 'a role of another partition',
    bad: site(`${SITE}roleArn: ⟦BW604⟧arn:aws-cn:iam::111122223333:role/x\n`),
    good: site(`account: "111122223333"\nregion: cn-north-1\nroleArn: arn:aws-cn:iam::111122223333:role/x\n`),
  },
  {
    rule: 'BW604',
    about: 'a role for drills in another account',
    bad: site(`${SITE}drillRoleArn: ⟦BW604⟧arn:aws:iam::444455556666:role/x\n`),
    good: site(`${SITE}drillRoleArn: arn:aws:iam::111122223333:role/x\nexternalId: alone-is-enough\n`),
  },
  {
    rule: 'BW605',
    about: 'an external id with a space',
    bad: site(`${SITE}roleArn: arn:aws:iam::111122223333:role/x\nexternalId: ⟦BW605⟧a b\n`),
    good: site(`${SITE}roleArn: arn:aws:iam::111122223333:role/x\nexternalId: a/b:c\n`),
  },
  { rule: 'BW606', about: 'an external id alone', bad: site(`${SITE}externalId: ⟦BW606⟧shop\n`), good: site(SITE) },
  {
    rule: 'BW607',
    about: 'a short server id',
    bad: group('select: { servers: [⟦BW607⟧s-123] }\n'),
    good: group(`select: { servers: [${ID(1)}] }\n`),
  },
  {
    rule: 'BW608',
    about: 'an EBS snapshot for a recovery point',
    bad: plan(`  - name: one\n    groups: [a]\n    recoveryPoint: { pinned: { ${ID(1)}: ⟦BW608⟧snap-0123456789abcdef0 } }\n`),
    good: plan(`  - name: one\n    groups: [a]\n    recoveryPoint: { pinned: { ${ID(1)}: ${PIT} } }\n`),
  },
  {
    rule: 'BW609',
    about: 'a document name with a space',
    bad: action('').replace('Doc\n', '⟦BW609⟧My Doc\n'),
    good: action('').replace('Doc\n', 'AWS-RestartEC2Instance\n'),
  },
  {
    rule: 'BW609',
    about: 'the ARN of something else',
    bad: action('').replace('Doc\n', '⟦BW609⟧arn:aws:lambda:us-west-2:111122223333:function\n'),
    good: action('').replace('Doc\n', 'arn:aws:ssm:us-west-2:111122223333:document/Doc\n'),
  },
  {
    rule: 'BW610',
    about: 'a version in words',
    bad: action('        version: ⟦BW610⟧newest\n'),
    good: action('        version: 3\n'),
  },
  {
    rule: 'BW611',
    about: 'a long value',
    bad: action(`        parameters: { X: [ok, ⟦BW611⟧${'x'.repeat(513)}] }\n`),
    good: action(`        parameters: { X: [ok, ${'x'.repeat(512)}] }\n`),
  },
  {
    rule: 'BW611',
    about: 'a long name',
    bad: action(`        parameters: { ${'x'.repeat(51)}: ⟦BW611⟧1 }\n`),
    good: action(`        parameters: { ${'x'.repeat(50)}: 1 }\n`),
  },
  {
    rule: 'BW611',
    about: '51 values',
    bad: action(`        parameters: { X: ⟦BW611⟧[${'x,'.repeat(51)}] }\n`),
    good: action(`        parameters: { X: [${'x,'.repeat(50)}] }\n`),
  },
  {
    rule: 'BW611',
    about: '201 parameters',
    bad: action(`        parameters: ⟦BW611⟧{ ${Array.from({ length: 201 }, (_, n) => `P${n}: x`).join(', ')} }\n`),
    good: action(`        parameters: { ${Array.from({ length: 200 }, (_, n) => `P${n}: x`).join(', ')} }\n`),
  },
  {
    rule: 'BW612',
    about: 'a nested value',
    bad: action('        parameters: { X: [⟦BW612⟧{ a: 1 }] }\n'),
    good: action('        parameters: { X: [a, 1, true], Y: 2 }\n'),
  },
  {
    rule: 'BW612',
    about: 'a map',
    bad: action('        parameters: { X: ⟦BW612⟧{ a: 1 } }\n'),
    good: action(`        parameters: { X: '{"a":1}' }\n`),
  },
  {
    rule: 'BW613',
    about: 'instance ids written out',
    bad: action('        target: recovered-instances\n        parameters: { InstanceIds: ⟦BW613⟧i-1 }\n'),
    good: action('        target: recovered-instances\n        targetParameter: Ids\n        parameters: { InstanceIds: i-1 }\n'),
  },
  {
    rule: 'BW614',
    about: 'a target before the wave',
    bad: action('        target: ⟦BW614⟧recovered-instances\n', 'preWaveActions'),
    good: `${action('        target: recovered-instances\n')}finally:\n  - { name: bye, document: Doc, target: recovered-instances }\n`,
  },
  {
    rule: 'BW614',
    about: 'a target in a wave of databases alone',
    bad: action('        target: ⟦BW614⟧recovered-instances\n').replace('groups: [a]', DATABASE),
    good: action('        target: none\n').replace('groups: [a]', DATABASE),
  },
  {
    rule: 'BW615',
    about: 'a command for nobody',
    bad: action('        kind: ⟦BW615⟧command\n'),
    good: action('        kind: command\n        target: recovered-instances\n'),
  },
  {
    rule: 'BW616',
    about: 'finally in one of two places',
    bad: plan(
      '  - { name: one, groups: [a] }\n  - { name: two, groups: [far] }\nfinally:\n  - { name: ⟦BW616⟧act, document: Doc }\n',
    ),
    good: plan(
      '  - { name: one, groups: [a] }\n  - { name: two, groups: [far] }\nfinally:\n  - { name: act, document: Doc, site: there }\n',
    ),
  },
  {
    rule: 'BW617',
    about: 'a document of another Region',
    bad: action('').replace('Doc\n', '⟦BW617⟧arn:aws:ssm:eu-central-1:111122223333:document/Doc\n'),
    good: action('        site: there\n').replace('Doc\n', 'arn:aws:ssm:eu-central-1:111122223333:document/Doc\n'),
  },
  {
    rule: 'BW618',
    about: 'a long tag value',
    bad: group(`select: { tags: { App: ⟦BW618⟧${'x'.repeat(257)} } }\n`),
    good: group(`select: { tags: { App: ${'x'.repeat(256)} } }\n`),
  },
  {
    rule: 'BW618',
    about: 'a long tag name',
    bad: group(`select: { tags: { ⟦BW618⟧${'x'.repeat(129)}: y } }\n`),
    good: group(`select: { tags: { ${'x'.repeat(128)}: y } }\n`),
  },
  {
    rule: 'BW619',
    about: 'a Region that does not exist',
    bad: site('account: "111122223333"\nregion: ⟦BW619⟧us-west-3\n'),
    good: site(SITE),
  },
  {
    rule: 'BW620',
    about: 'a misspelt placeholder',
    bad: action(`        parameters: { X: ⟦BW620⟧"${hole('excution')}" }\n`),
    good: action(`        parameters: { X: "${hole('execution')} ${hole('HOME')}" }\n`),
  },
  {
    rule: 'BW620',
    about: 'a placeholder with spaces',
    bad: action(`        parameters: { X: ⟦BW620⟧"${hole(' mode ')}" }\n`),
    good: `${GOOD}finally:\n  - { name: act, document: Doc, parameters: { X: "${hole('mode')} ${hole('wave')}" } }\n`,
  },
  {
    rule: 'BW621',
    about: 'a site without instances, at the end',
    bad: `${GOOD}finally:\n  - { name: bye, document: Doc, target: recovered-instances, site: ⟦BW621⟧there }\n`,
    good: action('        target: recovered-instances\n').replace('[a]', '[a, far]'),
  },
  {
    rule: 'BW621',
    about: 'a site without instances',
    bad: action('        target: recovered-instances\n        site: ⟦BW621⟧there\n'),
    good: action('        target: recovered-instances\n        site: here\n'),
  },
];
