import { cleanUntrustedText } from './untrusted-text.ts';

/** What a body says, as far as we can read it. */
export interface ReadBody {
  readonly code: string | null;
  readonly message: string | null;
  readonly raw: string;
}

const CODE = /^\d{3}_\d{3}$/;
const MAX_MESSAGE_LENGTH = 300;
const MAX_RAW_BYTES = 4096;

/**
 * Reads `response.code` with `response.description` or `response.message`, or the same at the top level.
 * Never throws: whatever else the bytes are, the code is null. The content type is not asked: gateways
 * mislabel JSON, and what parses and has a code of the right form was written by the provider.
 */
export function readBody(bytes: Buffer): ReadBody {
  const raw = capRaw(bytes);
  const document = parseJson(bytes.toString('utf8'));
  if (!isObject(document)) return { code: null, message: null, raw };
  const nested = document['response'];
  const inner = isObject(nested) ? readFields(nested) : { code: null, message: null };
  const outer = inner.code === null ? readFields(document) : inner;
  return { code: outer.code, message: outer.message ?? inner.message, raw };
}

/** The first 4 KiB as text. NUL becomes U+FFFD, because Postgres text can't hold it. */
export function capRaw(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, MAX_RAW_BYTES).replaceAll('\0', '\ufffd');
  return bytes.length > MAX_RAW_BYTES ? text.replace(/\ufffd{1,3}$/, '') : text;
}

function readFields(fields: Readonly<Record<string, unknown>>): {
  code: string | null;
  message: string | null;
} {
  const code = fields['code'];
  const message = [fields['description'], fields['message']].find((text) => typeof text === 'string');
  return {
    code: typeof code === 'string' && CODE.test(code) ? code : null,
    message: typeof message === 'string' ? cleanUntrustedText(message, MAX_MESSAGE_LENGTH) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
