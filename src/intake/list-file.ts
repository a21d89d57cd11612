import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ListNotFoundError } from './list-errors.ts';
import { CHUNK_BYTES, scanFile } from './scanned-file.ts';

/**
 * Throws ListNotFoundError for anything but a regular file. A pipe is refused too, because a list is read more than
 * once.
 */
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

/** Yields the file's bytes from the start, up to byte `end` if given. Closes the file however the reading ends. */
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

/** Yields the file's bytes for a reader that keeps none: a chunk holds only until the next is asked for. */
export async function* scanListFile(path: string): AsyncGenerator<Buffer> {
  try {
    yield* scanFile(path);
  } catch (error) {
    throw asListError(error, path);
  }
}

/** Returns the first `length` bytes, or the whole file where it is shorter. */
export async function readHead(path: string, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readListFile(path, length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Waits for the stream to close. `events.once` would reject when the caller leaves the loop early. */
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

/**
 * Explains a failed system call (a broken disk, a network share that went away). Any other error may be our own fault
 * and is returned as it is.
 */
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
