export { automationLink, changeLink, commandLink, drsJobLink, instanceLink, sourceServerLink } from './console-links.ts';
export { code, codeBlock, markdown } from './escape.ts';
export { evidenceJson } from './evidence.ts';
export { reportJson } from './json.ts';
export { type MarkdownOptions, renderMarkdown } from './markdown.ts';
export type { ReportLinks } from './record-section.ts';
export { resultJson } from './result.ts';
export { renderText } from './text.ts';
export { truncateToBytes } from './truncate.ts';
