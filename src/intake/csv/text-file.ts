import type { ByteFault } from './byte-check.ts';
import { readListFile } from '../list-file.ts';
import { startDecoding, type TextEncoding } from './text-decoding.ts';

/** A text file with a list, and the encoding to read it in. */
export interface TextFile {
  readonly path: string;
  /** Base name, for messages. */
  readonly name: string;
  readonly encoding: TextEncoding;
}

/** Thrown at bytes that are not text in the file's encoding; the catcher says where they stand. */
export class UndecodableError extends Error {
  readonly fault: ByteFault;
  constructor(fault: ByteFault) {
    super(`undecodable: ${fault.kind}`);
    this.fault = fault;
  }
}

/**
 * Yields the file as UTF-8, in chunks that end with whole characters unless the file is UTF-8 itself. `onBytes`
 * receives the original bytes.
 */
export async function* readTextFile(
  file: TextFile,
  onBytes?: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  const decoding = startDecoding(file.encoding);
  for await (const chunk of readListFile(file.path)) {
    onBytes?.(chunk);
    const decoded = decoding.decode(chunk);
    if (decoded.kind === 'fault') throw new UndecodableError(decoded.fault);
    if (decoded.bytes.length > 0) yield decoded.bytes;
  }
  const fault = decoding.finish();
  if (fault !== null) throw new UndecodableError(fault);
}
