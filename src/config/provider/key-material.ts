import { createPrivateKey, type KeyObject } from 'node:crypto';

/** One key or certificate as it was found in a text, its form taken off. */
export interface KeyBlock {
  /** The words of its PEM header, such as `CERTIFICATE`; null: it came without one. */
  readonly label: string | null;
  readonly der: Buffer;
}

export type KeyMaterial =
  /** At least one, in their order. */
  | { readonly kind: 'blocks'; readonly blocks: readonly KeyBlock[] }
  | { readonly kind: 'jwk'; readonly jwk: Readonly<Record<string, unknown>> }
  /** A PEM key locked by a passphrase. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'unreadable' };

/** What to give where nothing could be read; the key's own name is put before it. */
export const KEY_FORMS =
  'a PEM key ("-----BEGIN …"), its line breaks real or written as \\n, base64 of DER, a DER file, or a JWK';

const LOCKED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Line breaks and blanks, also those that an env file or a YAML scalar keeps as two characters. */
const BREAKS = /\\r|\\n|\s/g;
/** PEM in base64, as secret stores keep it, and no deeper. */
const DEEPEST = 2;

/**
 * Reads keys and certificates in the forms that portals offer and that `.env` files and secret stores keep: PEM with
 * real line breaks, with `\n`, or on one line; base64 of DER or of PEM, whole or over several lines; JWK, alone or as the
 * one key of a set. A DER file has become base64 where the file was read. Never throws; says nothing of the value.
 */
export function readKeyMaterial(text: string, depth = 0): KeyMaterial {
  const trimmed = unquote(text.replace(/^\uFEFF/, '').trim());
  if (LOCKED.test(trimmed)) return { kind: 'locked' };
  if (trimmed.includes('-----BEGIN ')) return readPem(trimmed);
  if (trimmed.startsWith('{')) return readJwk(trimmed);
  const packed = trimmed.replace(BREAKS, '');
  if (!BASE64.test(packed)) return { kind: 'unreadable' };
  const bytes = Buffer.from(packed, 'base64');
  if (isDer(bytes)) return { kind: 'blocks', blocks: [{ label: null, der: bytes }] };
  const inner = bytes.toString('utf8').trim();
  const isText = inner.includes('-----BEGIN ') || inner.startsWith('{');
  return isText && depth < DEEPEST ? readKeyMaterial(inner, depth + 1) : { kind: 'unreadable' };
}

/** Whether bytes are one ASN.1 sequence of a length that only keys and certificates have. No UTF-8 text begins so. */
export function isDer(bytes: Buffer): boolean {
  const [tag, size = 0] = bytes;
  if (tag !== 0x30 || size < 0x81 || size > 0x83) return false;
  const lengthBytes = size - 0x80;
  if (bytes.length < 2 + lengthBytes) return false;
  return bytes.readUIntBE(2, lengthBytes) + 2 + lengthBytes <= bytes.length;
}

function readPem(text: string): KeyMaterial {
  const blocks = [...text.matchAll(PEM_BLOCK)].map(([, label = '', body = '']): KeyBlock => {
    return { label, der: Buffer.from(body.replace(BREAKS, ''), 'base64') };
  });
  return blocks.length === 0 ? { kind: 'unreadable' } : { kind: 'blocks', blocks };
}

function readJwk(text: string): KeyMaterial {
  const value = readOrNull((): unknown => JSON.parse(text));
  const keys = isObject(value) ? value['keys'] : null;
  const only: unknown = Array.isArray(keys) && keys.length === 1 ? keys[0] : value;
  return isObject(only) && typeof only['kty'] === 'string'
    ? { kind: 'jwk', jwk: only }
    : { kind: 'unreadable' };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1).trim() : text;
}

/** The first private key, or null. Its form is told by its content: what a block is called is not asked. */
export function readPrivateKey(material: KeyMaterial): KeyObject | null {
  if (material.kind === 'jwk') {
    const { jwk } = material;
    return jwk['d'] === undefined ? null : readOrNull(() => createPrivateKey({ key: jwk, format: 'jwk' }));
  }
  if (material.kind !== 'blocks') return null;
  return firstOf(material.blocks, ({ der: key }) =>
    firstOf(['pkcs8', 'pkcs1', 'sec1'] as const, (type) =>
      readOrNull(() => createPrivateKey({ key, format: 'der', type })),
    ),
  );
}

/** What `find` gives for the first item it gives something for; null where there is none. */
export function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | null,
): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** Null in place of any error: what could not be read is told by rule, never by the library's words. */
export function readOrNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
