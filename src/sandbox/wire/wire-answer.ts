import { gzipSync } from 'node:zlib';
import type { Answer } from '../provider/answers.ts';
import { sealEnvelope } from '../provider/envelope.ts';
import type { Fault } from '../faults/fault.ts';
import type { KeyRing } from '../provider/key-ring.ts';

/** An answer as its bytes leave. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Sealing {
  readonly keys: KeyRing;
  /** Whether the answer must be encrypted. */
  readonly isAsked: boolean;
}

/** Looks like a JWE from outside, but opens with no key. */
const badJwe = `${base64url('{"alg":"RSA-OAEP-256","enc":"A128GCM"}')}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`;
const noKeyId = '0'.repeat(32);

/** Writes an answer, encrypted where required, and changed by a fault of its form. */
export async function writeAnswer(
  answer: Answer,
  fault: Fault | null,
  sealing: Sealing,
): Promise<WireAnswer> {
  return spoil(await sealAnswer(writePlainAnswer(answer), fault, sealing), fault);
}

export function writePlainAnswer(answer: Answer): WireAnswer {
  const { code, description, more = {} } = answer;
  return {
    status: answer.status,
    headers: { 'Content-Type': 'application/json', ...answer.headers },
    body: writeJson({ response: { code, description }, ...more }),
  };
}

/**
 * Returns a gateway's page. For a broken back end, gateways answer with their own page and not with the platform's
 * JSON.
 */
export function writePage(status: number): WireAnswer {
  return {
    status,
    headers: { 'Content-Type': 'text/html' },
    body: Buffer.from(`<html><body><h1>${status}</h1></body></html>\n`),
  };
}

async function sealAnswer(plain: WireAnswer, fault: Fault | null, sealing: Sealing): Promise<WireAnswer> {
  const { keys, isAsked } = sealing;
  const instead = fault?.kind === 'content' ? fault.what : null;
  const isForStranger = instead === 'foreign-key';
  const ours = isAsked || isForStranger || instead === 'bad-jwe' ? await keys.serverSide() : null;
  const wrap = (encData: string): WireAnswer => ({
    ...plain,
    headers: { ...plain.headers, 'X-KM-Crypto-Key-Id': ours?.cryptoKeyId ?? noKeyId },
    body: writeJson({ encData }),
  });
  if (instead === 'bad-jwe') return wrap(badJwe);
  if (isForStranger) return wrap(await sealEnvelope(plain.body, await keys.strangersKey()));
  return ours === null ? plain : wrap(await sealEnvelope(plain.body, ours.clientPublicKey));
}

function spoil(whole: WireAnswer, fault: Fault | null): WireAnswer {
  if (fault?.kind === 'page') return writePage(fault.status);
  if (fault?.kind === 'redirect') return { status: fault.status, headers: {}, body: Buffer.alloc(0) };
  if (fault?.kind === 'disguised') return disguise(whole, fault.as);
  if (fault?.kind !== 'content') return whole;
  switch (fault.what) {
    case 'half':
      return { ...whole, body: whole.body.subarray(0, Math.floor(whole.body.length / 2)) };
    case 'garbage':
      return { ...whole, body: Buffer.from('}{"response": nothing of the kind') };
    case 'empty':
      return { ...whole, body: Buffer.alloc(0) };
    case 'html':
      return writePage(200);
    case 'foreign-key':
    case 'bad-jwe':
      // The fault was applied when the answer was encrypted.
      return whole;
    case 'swapped':
      // The other call's answer took its place before it was written.
      return whole;
  }
}

function disguise(whole: WireAnswer, as: Extract<Fault, { readonly kind: 'disguised' }>['as']): WireAnswer {
  const { headers, body } = whole;
  switch (as) {
    case 'gzip':
      return { ...whole, headers: { ...headers, 'Content-Encoding': 'gzip' }, body: gzipSync(body) };
    case 'wrong-type':
      return { ...whole, headers: { ...headers, 'Content-Type': 'text/plain' } };
    case 'no-id':
    case 'other-id':
      // The place that sends the answer decides whose correlation id it carries.
      return whole;
  }
}

function writeJson(content: unknown): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
