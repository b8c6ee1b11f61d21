import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Execution, JsonObject } from '@breakwater/history';
import { dnsSection } from './dns-section.ts';
import { evidenceJson } from './evidence.ts';
import { renderMarkdown } from './markdown.ts';
import { databases, HOSTILE, normal } from './testing/executions.ts';
import { OK, Teller } from './testing/teller.ts';

const UPSERT = 'route53:ChangeResourceRecordSets';
const ZONE = 'Z0123456789ABC';
const NOW = 'shop.cluster-x.us-west-2.rds.amazonaws.com';
const WRITER: JsonObject = {
  zone: ZONE,
  name: 'db.webshop.internal',
  value: NOW,
  ttl: 60,
  changed: true,
  before: { value: 'shop.cluster-y.us-east-1.rds.amazonaws.com', ttl: 300 },
};

/** A recovery whose one database step is told by `tell`, begun at 03:15. */
function recovery(tell: (teller: Teller, stream: string, step: string) => Teller): Execution {
  const teller = new Teller({ mode: 'recovery', waves: ['data'] }).run('run-1');
  const [stream, step] = ['waves/data', 'database/shop'];
  teller.tell(stream, { type: 'wave-started', servers: [] });
  teller.start(stream, step, 'recover-database', 'restore database shop').at(20);
  return tell(teller, stream, step).execution();
}

function published(...dns: readonly JsonObject[]): Execution {
  return recovery((teller, stream, step) => {
    for (const { zone, name, changed } of dns) {
      if (changed === true) teller.change(stream, step, UPSERT, `${String(zone)}/${String(name)}`);
    }
    return teller.at(21).end(stream, step, 'succeeded', { result: { dns } });
  });
}

const rowsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('| `') || line.startsWith('| &'));
const parsed = (value: object) => JSON.parse(JSON.stringify(value));

describe('DNS names that a restore has set', () => {
  test('are told with what stood there before, what stands there now, when, and that nothing puts it back by itself', () => {
    const text = dnsSection(published(WRITER)).render('full');
    assert.match(text, /^## DNS names\n/);
    assert.match(text, /\| Name \| Zone \| Wave \| Database \| Before \| Now \| Changed \(UTC\) \|$/m);
    const [row] = rowsOf(text);
    assert.equal(
      row,
      `| \`db.webshop.internal\` | \`${ZONE}\` | data | shop | \`shop.cluster-y.us-east-1.rds.amazonaws.com\`, TTL 300 s | \`${NOW}\`, TTL 60 s | 2026-11-20 03:35:00 |`,
    );
    assert.match(text, /Breakwater puts no name back/);
  });

  test('that did not exist, are not known any more, or pointed there already, say so', () => {
    const { before: _, ...forgotten } = WRITER;
    const rows = rowsOf(
      dnsSection(
        published(
          { ...WRITER, name: 'a.webshop.internal', before: null },
          { ...forgotten, name: 'b.webshop.internal' },
          { ...WRITER, name: 'c.webshop.internal', changed: false, before: { value: NOW, ttl: 60 } },
        ),
      ).render('full'),
    );
    assert.match(rows[0] ?? '', /\| nothing \|.*\| 2026-11-20 03:35:00 \|$/);
    assert.match(rows[1] ?? '', /\| not known \|.*\| 2026-11-20 03:35:00 \|$/);
    assert.match(rows[2] ?? '', /\| no, it pointed there already \|$/);
  });

  test('whose change was announced and never answered are told from the announcement', () => {
    const announced = recovery((teller, stream, step) =>
      teller.tell(stream, {
        type: 'intent',
        step,
        operation: UPSERT,
        key: 'k',
        detail: { zone: ZONE, name: 'db.webshop.internal', value: NOW, ttl: 60, before: null, target: 'shop' },
      }),
    );
    const [row] = rowsOf(dnsSection(announced).render('full'));
    assert.match(
      row ?? '',
      /^\| `db\.webshop\.internal` \|.*\| nothing \| `shop\.cluster-x.*\| not known, the answer is not in the record \|$/,
    );
  });

  test('of a step that ended without a result are told by their change, and what it was is in the journal', () => {
    const cut = recovery((teller, stream, step) =>
      teller
        .change(stream, step, UPSERT, `${ZONE}/db.webshop.internal`)
        .end(stream, step, 'timed-out', { reason: { code: 'timed-out', message: 'too late' } }),
    );
    const [row] = rowsOf(dnsSection(cut).render('full'));
    assert.match(row ?? '', /\| in the journal \| in the journal \| 2026-11-20 03:35:00, its end is not in the record \|$/);
  });

  test('are told once, although a step that was tried again has sent their change twice', () => {
    const again = recovery((teller, stream, step) =>
      teller
        .change(stream, step, UPSERT, `${ZONE}/db.webshop.internal`)
        .end(stream, step, 'failed', { reason: { code: 'aws-unavailable', message: 'no answer' } })
        .at(30)
        .start(stream, step, 'recover-database', 'restore database shop', 2)
        .change(stream, step, UPSERT, `${ZONE}/db.webshop.internal`)
        .end(stream, step, 'succeeded', { reason: OK, result: { dns: [WRITER] } }),
    );
    const rows = rowsOf(dnsSection(again).render('full'));
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? '', /2026-11-20 03:35:00 \|$/, 'the first change is the one that clients felt');
  });

  test('are part of the whole report, and no markup comes of them', () => {
    const text = renderMarkdown(published({ ...WRITER, name: HOSTILE, value: HOSTILE, before: { value: HOSTILE, ttl: 1 } }));
    assert.match(text, /\n## DNS names\n/);
    assert.doesNotMatch(text.slice(text.indexOf('## DNS names'), text.indexOf('## Steps')), /<img|\]\(https:\/\/evil/);
  });

  test('are no part where there are none, nor where a result is not what is known today', () => {
    assert.equal(dnsSection(normal()).render('full'), '');
    assert.equal(dnsSection(databases()).render('full'), '');
    assert.equal(dnsSection(published({ zone: 1, name: 2 })).render('full'), '');
  });

  test('stand in the evidence', () => {
    assert.deepEqual(parsed(evidenceJson(published(WRITER))).dnsNames, [
      {
        wave: 'data',
        database: 'shop',
        site: 'dr-oregon',
        zone: ZONE,
        name: 'db.webshop.internal',
        before: WRITER['before'],
        now: { value: NOW, ttl: 60 },
        changed: 'yes',
        at: '2026-11-20T03:35:00.000Z',
      },
    ]);
    assert.deepEqual(parsed(evidenceJson(normal())).dnsNames, []);
  });
});
