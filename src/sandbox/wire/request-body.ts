import type { IncomingMessage } from 'node:http';

/** A register body has some 60 bytes, an encrypted one below 2,000. */
const MAX_CALL_BYTES = 65_536;

export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too_long' }
  /** The client closed the connection. */
  | { readonly kind: 'broken_off' };

export async function readBody(request: IncomingMessage, maxBytes = MAX_CALL_BYTES): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // A half-read request must not close its connection, because the answer still goes out on it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) return { kind: 'too_long' };
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'broken_off' };
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}
