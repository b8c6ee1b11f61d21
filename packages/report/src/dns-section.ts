import type { Execution } from '@breakwater/history';
import { type DnsNameFact, type DnsTarget, dnsNamesOf } from './dns-names.ts';
import { code, markdown } from './escape.ts';
import { first, type Section, table } from './section.ts';
import { moment } from './words.ts';

const HEAD = ['Name', 'Zone', 'Wave', 'Database', 'Before', 'Now', 'Changed (UTC)'];

/** Where clients were sent: each DNS name that a restore set, with what stood there, so that it can be put back. */
export function dnsSection(execution: Execution): Section {
  const names = dnsNamesOf(execution);
  return {
    title: 'DNS names',
    worth: 7,
    render: (detail) => {
      if (names.length === 0) return '';
      const { shown, rest } = first(names, detail === 'full' ? 500 : 50);
      const undo = names.every(({ changed }) => changed === 'no')
        ? ''
        : '\n\nBreakwater puts no name back. Where one shall point to what it did before, set it to that in Route 53 (and delete one where nothing stood), once clients belong there again.';
      return `## DNS names\n\n${table(HEAD, shown.map(row))}${rest}${undo}`;
    },
  };
}

function row({ name, zone, wave, database, before, now, changed, at }: DnsNameFact): readonly string[] {
  const unknown = changed === 'sent' ? 'in the journal' : 'not known';
  return [
    code(name),
    code(zone),
    markdown(wave),
    markdown(database),
    before === null ? 'nothing' : target(before, unknown),
    target(now, unknown),
    change(changed, at),
  ];
}

function target(to: DnsTarget | undefined, unknown: string): string {
  return to === undefined ? unknown : `${code(to.value)}, TTL ${to.ttl} s`;
}

function change(changed: DnsNameFact['changed'], at: number | undefined): string {
  switch (changed) {
    case 'yes':
      return moment(at);
    case 'no':
      return 'no, it pointed there already';
    case 'sent':
      return `${moment(at)}, its end is not in the record`;
    case 'unanswered':
      return 'not known, the answer is not in the record';
  }
}
