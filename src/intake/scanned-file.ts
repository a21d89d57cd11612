import { open } from 'node:fs/promises';

/** Measured: larger chunks cost more memory and are no faster. */
export const CHUNK_BYTES = 64 * 1024;

/**
 * Yields a file's bytes for a reader that keeps none, like a hash. All chunks are in the same memory, so that one holds
 * only until the next is asked for. A stream's chunks are each in memory of their own, outside V8's heap: where a reader
 * makes hardly any other garbage, V8 collects them only when there are more than 30 MB of them.
 */
export async function* scanFile(path: string): AsyncGenerator<Buffer> {
  const memory = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
