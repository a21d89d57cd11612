import type { IncomingMessage } from 'node:http';

/** A register body is some 60 bytes, encrypted below 2,000. */
const MAX_CALL_BYTES = 65_536;

export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too_long' }
  /** The client went away. */
  | { readonly kind: 'broken_off' };

export async function readBody(request: IncomingMessage, maxBytes = MAX_CALL_BYTES): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Left half read, the request must not take its connection with it: the answer still goes out there.
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
