import { createPrivateKey, type KeyObject } from 'node:crypto';

/** One key or certificate found in a text, with its encoding removed. */
export interface KeyBlock {
  /** The words of its PEM header, such as `CERTIFICATE`; null where it had none. */
  readonly label: string | null;
  readonly der: Buffer;
}

export type KeyMaterial =
  /** At least one block, in the order of the text. */
  | { readonly kind: 'blocks'; readonly blocks: readonly KeyBlock[] }
  | { readonly kind: 'jwk'; readonly jwk: Readonly<Record<string, unknown>> }
  /** The text is a PEM key with a passphrase. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'unreadable' };

/** The accepted forms, for messages about an unreadable value; the key's own name is put before it. */
export const KEY_FORMS =
  'a PEM key ("-----BEGIN …"), its line breaks real or written as \\n, base64 of DER, a DER file, or a JWK';

const LOCKED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Matches line breaks and blanks, also those that an env file or a YAML scalar keeps as two characters. */
const BREAKS = /\\r|\\n|\s/g;
/** Depth of nesting: PEM in base64, as secret stores keep it, and no deeper. */
const DEEPEST = 2;

/**
 * Reads keys and certificates in the forms that portals offer and that `.env` files and secret stores keep: PEM with
 * real line breaks, with `
 * `, or on one line; base64 of DER or of PEM, whole or over several lines; JWK, alone or as the one key of a set. A
 * DER file was turned into base64 where it was read. Never throws, and never repeats the value.
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

/**
 * Returns whether bytes are one ASN.1 sequence of a length that only keys and certificates have. No UTF-8 text begins
 * that way.
 */
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

/** Returns the first private key, or null. The content decides about its form, not the block's label. */
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

/** Returns the first result of `find` over the items; null where there is none. */
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

/** Returns null in place of any error, because a library's words may repeat what it could not read. */
export function readOrNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
