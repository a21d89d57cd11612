import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { ResponseHeaders } from '../response-headers.ts';

type Decoder = (bytes: Buffer, limit: { readonly maxOutputLength: number }) => Buffer;

/** `deflate` means zlib's format, but some servers send it without the zlib header. */
const decoders: Readonly<Record<string, Decoder>> = {
  identity: (bytes) => bytes,
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: (bytes, limit) => ((bytes[0] ?? 0) % 16 === 8 ? inflateSync : inflateRawSync)(bytes, limit),
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** More than one coding is rare, and a long chain is an attack. */
const MAX_CODINGS = 3;

/**
 * Undoes Content-Encoding, which we never ask for but gateways apply all the same. A body that can't be decoded, or
 * would exceed `maxBytes`, is returned as it is: then no code is found in it, unless the header was wrong and the
 * body was plain all along.
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
