import { show } from '../schema.ts';
import type { Check } from './context.ts';
import { databasesOf } from './databases.ts';

/** Names of DNS are compared in lower case. A zone is one, whatever site it is reached by. */
export const publishedNames: Check = (context) => {
  for (const plan of context.plans) {
    const first = new Map<string, string>();
    for (const { database } of databasesOf(plan.value)) {
      const { dns } = database.publish ?? {};
      if (dns === undefined) continue;
      for (const key of ['name', 'readerName'] as const) {
        const name = dns[key];
        if (name === undefined) continue;
        const claim = `${dns.zone}/${name.toLowerCase()}`;
        const earlier = first.get(claim);
        if (earlier === undefined) {
          first.set(claim, database.name);
          continue;
        }
        const message = `${show(name)} is published by database ${show(earlier)} already`;
        const path = [...plan.pathOf(database), 'publish', 'dns', key];
        context.report('BW822', plan, path, message, 'Give each endpoint a name of its own.');
      }
    }
  }
};
