/**
 * Plans with seeded defects, and what is legal instead. In `bad`, `⟦BW…⟧` stands where a finding of that rule must be, to the
 * column; there must be no other finding. In `good` nothing must be found.
 */
export interface DefectCase {
  readonly rule: string;
  readonly about: string;
  readonly bad: string;
  readonly good: string;
}

/** What cases may refer to: read as the other files of the folder. */
export const BASE = `apiVersion: breakwater/v1
kind: Site
name: here
account: "111122223333"
region: us-west-2
---
apiVersion: breakwater/v1
kind: Site
name: there
account: "444455556666"
region: eu-central-1
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: a
site: here
select: { tags: { App: a } }
expect: { max: 5 }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: b
site: here
select: { tags: { App: b } }
expect: { max: 5 }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: c
site: here
select: { tags: { App: c } }
expect: { max: 5 }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: far
site: there
select: { tags: { App: far } }
expect: { max: 5 }
`;

export const ID = (n: number) => `s-${String(n).padStart(17, '0')}`;
export const PIT = `pit-${'0'.repeat(17)}`;

export function plan(waves: string, more = ''): string {
  return `apiVersion: breakwater/v1
kind: RecoveryPlan
name: shop
owner: team
tier: 1
objectives: { rto: 24h, rpo: 15m }
${more}waves:
${waves}`;
}

export function site(more: string): string {
  return `apiVersion: breakwater/v1
kind: Site
name: mine
${more}`;
}

export function group(more: string): string {
  return `apiVersion: breakwater/v1
kind: ProtectionGroup
name: mine
site: here
${more}`;
}

/** A plan whose first wave has one post-wave action with these lines. */
export function action(lines: string, list = 'postWaveActions'): string {
  return plan(`  - name: one
    groups: [a]
    ${list}:
      - name: act
        document: Doc
${lines}`);
}

export const WAVE = '  - { name: one, groups: [a] }\n';
export const GOOD = plan(WAVE);
export const SITE = 'account: "111122223333"\nregion: us-west-2\n';

export const hole = (name: string) => `\${${name}}`;

/** Assembled here so that no scanner takes the test data for the real thing. */
export const AKIA = `AKIA${'ABCDEFGH'.repeat(2)}`;
export const PEM = ['-----BEGIN', 'RSA PRIVATE', 'KEY-----'].join(' ');
export const GHP = `ghp_${'a1B2'.repeat(9)}`;

export /** Waves of so many listed servers each, side by side or one after the other. */
function manyWaves(waves: number, servers: number, sequential: boolean): string {
  const numbers = Array.from({ length: waves }, (_, n) => n);
  const list = numbers.map(
    (n) => `  - { name: w${n}, groups: [g${n}]${sequential && n > 0 ? `, dependsOn: [w${n - 1}]` : ''} }\n`,
  );
  const groups = numbers.map((n) => {
    const ids = Array.from({ length: servers }, (_, k) => ID(n * 1000 + k)).join(', ');
    return `---\n${group(`select: { servers: [${ids}] }\n`).replace('mine', `g${n}`)}`;
  });
  return plan(list.join('')) + groups.join('');
}
