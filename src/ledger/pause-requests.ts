import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Queryable } from './ledger-port.ts';
import { addPause, endPauses } from './pause-table.ts';
import { publishPauses } from './published-pauses.ts';

const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pause'),
    provider: z.string(),
    by: z.string(),
    note: z.string().nullable(),
    /** By the machine's clock, which an embedded ledger shares. */
    until: z.iso.datetime(),
  }),
  z.object({ kind: z.literal('resume'), provider: z.string(), by: z.string() }),
]);

/**
 * A person's request to the process that has the embedded ledger open, because nobody else can write to the ledger
 * then.
 */
export type PauseRequest = Readonly<z.infer<typeof requestSchema>>;

export interface LeftRequest {
  /** Whether that process, or one that opened the ledger later, has taken the request. */
  isTaken(): boolean;
}

const REQUEST_FILE = /^pause-request-\d+-[0-9a-f]{8}\.json$/;

/**
 * Leaves a request in the ledger's folder. A process that calls a provider takes it within about a second, or before
 * its first call.
 */
export async function leavePauseRequest(
  folder: string,
  request: PauseRequest,
  now: Date,
): Promise<LeftRequest> {
  // The names sort in the order in which requests were left.
  const name = `pause-request-${String(now.getTime()).padStart(15, '0')}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, `${name}.json`);
  await writeFile(`${path}.new`, JSON.stringify(request), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return { isTaken: () => !existsSync(path) };
}

/**
 * Brings the requests in the folder into the ledger, oldest first; a pause whose time is over is dropped. If the
 * process is killed before it deletes the file, a request comes in twice, which changes nothing.
 */
export async function takePauseRequests(on: Queryable, folder: string, now: Date): Promise<void> {
  const names = (await readdir(folder)).filter((name) => REQUEST_FILE.test(name)).toSorted();
  for (const name of names) {
    const path = join(folder, name);
    const request = parseRequest(await readFile(path, 'utf8'));
    if (request !== null) await bringIn(on, request, now);
    await rm(path, { force: true });
  }
  if (names.length > 0) await publishPauses(on, folder);
}

/** Returns null where another program, or another version of this one, has left the file. */
function parseRequest(text: string): PauseRequest | null {
  try {
    return requestSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function bringIn(on: Queryable, request: PauseRequest, now: Date): Promise<void> {
  const { provider, by } = request;
  if (request.kind === 'resume') {
    await endPauses(on, provider, by);
    return;
  }
  const lengthMs = Date.parse(request.until) - now.getTime();
  if (lengthMs > 0) await addPause(on, { provider, lengthMs, by, note: request.note });
}
