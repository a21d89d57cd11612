import { createHash } from 'node:crypto';
import { assertListFile, scanListFile } from './list-file.ts';

/** Returns the SHA-256 of a file's bytes, read piece by piece. It decides which run a list continues. */
export async function sha256OfFile(path: string): Promise<string> {
  await assertListFile(path);
  const hash = createHash('sha256');
  for await (const chunk of scanListFile(path)) hash.update(chunk);
  return hash.digest('hex');
}
