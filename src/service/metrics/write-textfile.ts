import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Whoever collects it is another user. */
const MODE = 0o644;

/**
 * Replaces a file by a whole one: whoever reads it meanwhile sees the former one. Its draft begins with a dot and ends in
 * .part, which node-exporter does not read. Rejects with what the file system says, and leaves no draft then.
 */
export async function writeTextfile(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  try {
    const handle = await open(draft, 'w', MODE);
    try {
      // Whatever the umask of a cron has taken away.
      await handle.chmod(MODE);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
