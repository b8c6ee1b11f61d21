import { cell, factTable } from '@breakwater/action-kit';
import type { Json, JsonObject } from '@breakwater/history';
import type { RestoreAuroraResult } from './result.ts';

/** The outcome for the job summary: the verdict first, then what stands where, then the checks. Everything foreign is escaped. */
export function renderSummary(result: RestoreAuroraResult): string {
  const { reason, site, made } = result;
  const found = result.result ?? {};
  const snapshot = member(found, 'snapshot');
  const point = member(found, 'pointInTime');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Status', result.status],
    ['Reason', `${reason.code}: ${reason.message}`],
    ['Next', reason.next],
    ['Goes on in AWS', result.goesOn],
    ['Where', `account ${site.account}, ${site.region}`],
    ['Mode', result.mode],
    ['Asked for by', result.actor],
    ['Cluster', named(found, 'cluster')],
    ['Instance', named(found, 'instance')],
    ['Endpoint', text(found, 'endpoint')],
    ['DNS', names(found)],
    ['Snapshot', text(snapshot, 'arn')],
    ['Copied from', text(snapshot, 'sourceArn')],
    ['Point in time of', text(point, 'sourceArn')],
    ['Data as of', text(point, 'time') ?? text(snapshot, 'time')],
    ['Old cluster', text(found, 'oldCluster')],
    ['Old instance', text(found, 'oldInstance')],
    ['Final snapshot', text(found, 'finalSnapshot')],
    ['Warnings', result.warnings.join('; ')],
    ['Made', made.map(({ operation, id, adopted }) => `${operation} ${id}${adopted ? ' (found)' : ''}`).join('; ')],
    ['Key', result.key],
    ['Started', result.startedAt],
    ['Ended', result.endedAt],
  ];
  const what = text(found, 'instance') === undefined ? 'Aurora' : 'Instance';
  const lines = [`### ${cell(`${what} ${result.operation}: ${result.status}`)}`, ''];
  if (result.simulated) lines.push('**Simulated: this is no evidence.**', '');
  lines.push(...factTable(rows));
  const checks = found['checks'];
  if (Array.isArray(checks) && checks.length > 0) {
    lines.push('| Check | Holds | Found |', '| --- | --- | --- |');
    for (const check of checks.filter(isObject)) {
      lines.push(
        `| ${cell(text(check, 'check') ?? '')} | ${check['ok'] === true ? 'yes' : '**no**'} | ${cell(text(check, 'found') ?? '')} |`,
      );
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

/** The published names, with what stood there before. */
function names(found: JsonObject): string {
  const dns = found['dns'];
  if (!Array.isArray(dns)) return '';
  return dns
    .filter(isObject)
    .map((one) => {
      const before = one['before'] === null ? 'nothing' : text(member(one, 'before'), 'value');
      const changed = one['changed'] === true ? `before: ${before ?? 'not known'}` : 'was so';
      return `${text(one, 'name') ?? ''} points to ${text(one, 'value') ?? ''} (${changed})`;
    })
    .join('; ');
}

export function text(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

export function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name whose ARN is not known may not have come to be. */
function named(found: JsonObject, kind: 'cluster' | 'instance'): string | undefined {
  const name = text(found, kind);
  return name === undefined || text(found, `${kind}Arn`) !== undefined ? name : `${name} (not there yet)`;
}
