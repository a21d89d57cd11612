import { isDocumentedCode } from '../domain/provider-code.ts';
import { findDoubleKey } from './double-keys.ts';
import { cleanUntrustedText } from '../domain/untrusted-text.ts';

/** What a body says, as far as it can be read. */
export interface ReadBody {
  readonly code: string | null;
  /** Why no code could be read; null exactly where there is one. */
  readonly unread: string | null;
  readonly message: string | null;
  readonly raw: string;
  /** The PARs of `parInfoList` in an answer to a plans inquiry; null where there is no such list. */
  readonly pars: readonly string[] | null;
  /** The JWE of an answer `{"encData":"<JWE>"}`; null for any other answer, and for one that has a code. */
  readonly sealed: string | null;
}

const CODE = /^\d{3}_\d{3}$/;
const MAX_MESSAGE_LENGTH = 300;
const MAX_RAW_BYTES = 4096;
/** Keys that decide what an answer says. If one stands twice in an object, the answer contradicts itself. */
const decidingKeys: ReadonlySet<string> = new Set(['response', 'code', 'encData']);

/**
 * Reads `response.code` with `response.description` or `response.message`, or the same at the top level. Never
 * throws: for any other bytes, or a body that contradicts itself, the code is null. The content type does not matter,
 * because gateways mislabel JSON; a text that parses and has a code of the right form was written by the provider.
 */
export function readBody(bytes: Buffer): ReadBody {
  const text = bytes.toString('utf8');
  const document = parseJson(text);
  if (!isObject(document)) return unreadBody(whyNoDocument(bytes), bytes);
  const twofold = whyTwofold(document, text);
  if (twofold !== null) return unreadBody(twofold, bytes);
  const nested = document['response'];
  const inner = isObject(nested) ? readFields(nested) : { code: null, message: null };
  const outer = inner.code === null ? readFields(document) : inner;
  const sealed = outer.code === null ? document['encData'] : null;
  return {
    code: outer.code,
    unread: outer.code === null ? 'it has no response.code of the form 999_999' : null,
    message: outer.message ?? inner.message,
    raw: capRaw(bytes),
    pars: readPars(document['parInfoList']),
    sealed: typeof sealed === 'string' ? sealed : null,
  };
}

/** Returns the body of an answer of which only the first bytes are known. */
export function unreadBody(unread: string, bytes: Buffer): ReadBody {
  return { code: null, unread, message: null, raw: capRaw(bytes), pars: null, sealed: null };
}

/** Reads all PARs or none: with one unreadable entry, nobody could tell which PARs are missing from the list. */
function readPars(list: unknown): readonly string[] | null {
  if (!Array.isArray(list)) return null;
  const pars = list.map((entry: unknown) => (isObject(entry) ? entry['par'] : null));
  return pars.every((par) => typeof par === 'string') ? pars : null;
}

/**
 * Returns how the body contradicts itself; null where it does not. It does not where one of an inner and an outer code
 * is undocumented; the inner one counts then.
 */
function whyTwofold(document: Readonly<Record<string, unknown>>, text: string): string | null {
  const double = findDoubleKey(text, decidingKeys);
  if (double !== null) return `it says two things: ${double} stands twice in one object`;
  const outer = readFields(document).code;
  if (outer === null || !Object.hasOwn(document, 'response')) return null;
  const nested = document['response'];
  const inner = isObject(nested) ? readFields(nested).code : null;
  if (inner === null)
    return `it says two things: response has no code we can read, and ${outer} stands beside it`;
  const differs = inner !== outer && isDocumentedCode(inner) && isDocumentedCode(outer);
  return differs ? `it says two things: ${inner} in response, and ${outer} beside it` : null;
}

function whyNoDocument(bytes: Buffer): string {
  return bytes.length === 0 ? 'it is empty' : 'it is no JSON object';
}

/** Returns the first 4 KiB as text. NUL becomes U+FFFD, because Postgres text can't hold it. */
function capRaw(bytes: Buffer): string {
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
