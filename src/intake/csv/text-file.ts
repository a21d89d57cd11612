import type { ByteFault } from './byte-check.ts';
import { readListFile } from '../list-file.ts';
import { startDecoding, type TextEncoding } from './text-decoding.ts';

/** A list file that is text, and how its bytes are to be read. */
export interface TextFile {
  readonly path: string;
  /** Base name, for sentences. */
  readonly name: string;
  readonly encoding: TextEncoding;
}

/** Bytes that are not text in the file's encoding; for whoever says where they stand. */
export class UndecodableError extends Error {
  readonly fault: ByteFault;
  constructor(fault: ByteFault) {
    super(`undecodable: ${fault.kind}`);
    this.fault = fault;
  }
}

/** The file as UTF-8, in chunks that end with whole characters unless it is UTF-8 itself. `onBytes` sees it as it is. */
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
