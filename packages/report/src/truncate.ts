/** Cuts text to at most `bytes` bytes of UTF-8, at the end of a line where there is one, and says so in `note`; never inside a character. */
export function truncateToBytes(text: string, bytes: number, note: string): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  const room = bytes - Buffer.byteLength(note);
  if (room < 0) return truncateToBytes(text, bytes, '');
  let end = room;
  // A byte 10xxxxxx goes on with the character before it.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const newline = end === 0 ? -1 : all.lastIndexOf(0x0a, end - 1);
  return `${all.subarray(0, newline > end / 2 ? newline : end).toString()}${note}`;
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
