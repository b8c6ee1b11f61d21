import type { Dependency } from 'rollup-plugin-license';

/** The licence texts of everything that is bundled, sorted, each text once. */
export function renderLicences(dependencies: readonly Dependency[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, license, licenseText } of dependencies) {
    const text = (licenseText ?? `Licensed under ${license ?? 'an unknown licence'}; the package holds no text of it.`).trim();
    const who = `${name} ${version} (${license ?? 'unknown'})`;
    byText.set(text, [...(byText.get(text) ?? []), who].sort());
  }
  return `${[...byText]
    .map(([text, who]) => `${who.join('\n')}\n\n${text}`)
    .sort()
    .join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
