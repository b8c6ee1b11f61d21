/** A step's summary may be 1 MiB; a larger one is dropped whole. Kept below it for what the runner adds. */
export const LARGEST_SUMMARY = 1_000_000;

const NOTE = '\n\n_Cut here: a job summary holds 1 MiB. The report in the history has it all._\n';

/** The text, or as many whole lines of it as fit into `limit` bytes of UTF-8, with a note that it was cut. */
export function fitSummary(markdown: string, limit: number = LARGEST_SUMMARY): string {
  if (Buffer.byteLength(markdown) <= limit) return markdown;
  const room = Math.max(0, limit - Buffer.byteLength(NOTE));
  const bytes = Buffer.from(markdown).subarray(0, room);
  const lastLine = bytes.lastIndexOf(0x0a);
  return bytes.subarray(0, Math.max(0, lastLine)).toString('utf8') + NOTE;
}
