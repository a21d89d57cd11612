import { fstatSync, writeSync } from 'node:fs';
import { escapeControls } from '../../domain/untrusted-text.ts';
import type { Output } from '../host.ts';

export interface StreamOutput extends Output {
  /** The first failure because of which the output is incomplete; null where none is known. */
  readonly lost: Error | null;
}

/** Codes of a reader that went away, as with `| head`. It wants no more, which is no failure. */
const READER_LEFT: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET']);

/**
 * Creates an output that never throws and stops nothing. A failure to write into a pipe is known one turn of the
 * event loop later. Files are written here, because Node's own stream takes a write that a full disk cut short for a
 * complete one.
 */
export function createStreamOutput(
  stream: NodeJS.WriteStream & { readonly fd: number },
  redact: (text: string) => string,
): StreamOutput {
  let lost: Error | null = null;
  const fail = (error: unknown): void => {
    // Nobody reads a closed terminal either.
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
    // Read each time, because a person may change the window's width.
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

/** Devices such as /dev/full count as files too. */
function isFileLike(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() || status.isCharacterDevice();
  } catch {
    return false;
  }
}
