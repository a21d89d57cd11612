import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ListNotFoundError } from './list-errors.ts';

/** Measured: larger chunks cost memory and gain nothing. */
const CHUNK_BYTES = 64 * 1024;

/** Refuses what can't be read as a file, a pipe among them: a list is read more than once. */
export async function assertListFile(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      throw new ListNotFoundError(`${path} is a folder; name the list file in it.`);
    }
    if (!found.isFile()) {
      throw new ListNotFoundError(`${path} is not a regular file; save the list as a file and name that.`);
    }
  } catch (error) {
    throw asListError(error, path);
  }
}

/** The file's bytes from the start, or those before byte `end`. Closes the file however reading ends. */
export async function* readListFile(path: string, end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  if (end <= 0) return;
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES, end: end - 1 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw asListError(error, path);
  } finally {
    stream.destroy();
    if (!stream.closed) await closing(stream);
  }
}

/** The first bytes, fewer where the file has fewer. */
export async function readHead(path: string, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readListFile(path, length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Not events.once: to it, leaving the loop early is an error. */
function closing(stream: ReadStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
  });
}

const notFoundSentences: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'There is no file'],
  ['ENOTDIR', 'There is no file'],
  ['ENAMETOOLONG', 'There is no file'],
  ['ELOOP', 'There is no file'],
  ['EISDIR', 'This is a folder, not a list file:'],
  ['EACCES', 'We may not read'],
  ['EPERM', 'We may not read'],
]);

/** A broken disk or a share that went away is no bug of ours; what the system did not say, may be one. */
function asUnreadable(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const sentence = `The system can't read ${path} (${String(error.code)}); copy the list to a folder of this machine and name that.`;
  return new ListNotFoundError(sentence, error);
}

function asListError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const sentence = notFoundSentences.get(code);
  if (sentence === undefined) return asUnreadable(error, path);
  const hint = sentence.startsWith('We') ? '; give this account the right to read it.' : '; check the path.';
  return new ListNotFoundError(`${sentence} ${path}${hint}`, error);
}
