import { fstatSync, writeSync } from 'node:fs';
import { escapeControls } from '../../domain/untrusted-text.ts';
import type { Output } from '../host.ts';

export interface StreamOutput extends Output {
  /** Why what was written is not whole where it should be: the first failure; null where none is known. */
  readonly lost: Error | null;
}

/** A reader that went away, as with `| head`: it wants no more, which is no failure. */
const READER_LEFT: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET']);

/**
 * An output that never throws and stops nothing. Into a pipe a failure is known a turn of the event loop after the
 * write. Files are written here: the stream of Node's own takes a write that a full disk cut short for a whole one.
 */
export function createStreamOutput(
  stream: NodeJS.WriteStream & { readonly fd: number },
  redact: (text: string) => string,
): StreamOutput {
  let lost: Error | null = null;
  const fail = (error: unknown): void => {
    // A terminal that is closed has nobody before it either.
    const isReaderGone =
      stream.isTTY || (error instanceof Error && 'code' in error && READER_LEFT.has(error.code));
    if (!isReaderGone) lost ??= error instanceof Error ? error : new Error(String(error));
  };
  stream.on('error', fail);
  const isFile = !stream.isTTY && isFileLike(stream.fd);
  const put = (text: string): void => {
    try {
      if (isFile) writeWhole(stream.fd, text);
      else stream.write(text);
    } catch (error) {
      fail(error);
    }
  };
  return {
    isTerminal: stream.isTTY,
    // Asked anew: a person makes the window wider or narrower.
    get columns() {
      return stream.columns;
    },
    get lost() {
      return lost;
    },
    write: (text) => {
      put(escapeControls(redact(text)));
    },
    draw: (text) => {
      put(redact(text));
    },
  };
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

/** Devices such as /dev/full are files too. */
function isFileLike(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() || status.isCharacterDevice();
  } catch {
    return false;
  }
}
