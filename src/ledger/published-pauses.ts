import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Queryable } from './ledger-port.ts';
import { readPausesUnderWay, type PauseUnderWay } from './pause-table.ts';

const FILE = 'pauses.json';

const publishedSchema = z.array(
  z.object({
    provider: z.string(),
    by: z.string(),
    note: z.string().nullable(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
  }),
);

/**
 * Writes the pauses under way to a file beside an embedded ledger, because no other process may open the ledger
 * meanwhile.
 */
export async function publishPauses(on: Queryable, folder: string): Promise<void> {
  const pauses = await readPausesUnderWay(on);
  const path = join(folder, FILE);
  await writeFile(`${path}.new`, JSON.stringify(pauses), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/**
 * Returns the published pauses that are not over yet; null where none were published, or where another version of the
 * program wrote the file.
 */
export async function readPublishedPauses(
  folder: string,
  now: Date,
): Promise<readonly PauseUnderWay[] | null> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  const published = parsePublished(text);
  if (published === null) return null;
  return published.flatMap(({ from, until, ...pause }) => {
    const leftMs = Date.parse(until) - now.getTime();
    return leftMs > 0 ? [{ ...pause, from: new Date(from), until: new Date(until), leftMs }] : [];
  });
}

function parsePublished(text: string): z.infer<typeof publishedSchema> | null {
  try {
    return publishedSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
