import { readFile } from 'node:fs/promises';
import { UserError } from '@breakwater/core';
import { type DatabaseManifest, readManifest } from '@breakwater/operations';

/** Reads a manifest from a file. Throws `UserError` `file-unreadable` or `manifest-invalid`. */
export async function readManifestFile(file: string): Promise<DatabaseManifest> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('file-unreadable', `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      next: 'Correct the path, or capture the database first (breakwater capture). Nothing was changed.',
      cause,
    });
  }
  return readManifest(text, file);
}
