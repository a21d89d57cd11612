import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { ResponseHeaders } from '../response-headers.ts';

type Decoder = (bytes: Buffer, limit: { readonly maxOutputLength: number }) => Buffer;

/** `deflate` is zlib's format, and bare in the hands of some servers. */
const decoders: Readonly<Record<string, Decoder>> = {
  identity: (bytes) => bytes,
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: (bytes, limit) => ((bytes[0] ?? 0) % 16 === 8 ? inflateSync : inflateRawSync)(bytes, limit),
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** More than one is rare, and a long chain is an attack. */
const MAX_CODINGS = 3;

/**
 * The body as it was before Content-Encoding, which we never ask for and gateways apply all the same. What can't be
 * decoded, or would be larger than `maxBytes`, comes back as it is: no code will be found in it, unless the header
 * was wrong and it was plain all along.
 */
export function decodeContent(bytes: Buffer, headers: ResponseHeaders, maxBytes: number): Buffer {
  const given = headers['content-encoding'];
  if (given === undefined) return bytes;
  const written = [given].flat().join(',');
  const codings = written.split(',').flatMap((coding) => coding.trim().toLowerCase() || []);
  if (codings.length === 0 || codings.length > MAX_CODINGS) return bytes;
  try {
    return codings.reduceRight((rest, coding) => decode(rest, coding, maxBytes), bytes);
  } catch {
    return bytes;
  }
}

function decode(bytes: Buffer, coding: string, maxOutputLength: number): Buffer {
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (decoder === undefined) throw new Error('a coding we do not know');
  return decoder(bytes, { maxOutputLength });
}
