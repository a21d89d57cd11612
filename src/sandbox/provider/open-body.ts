import type { CallRules } from './call-rules.ts';
import { openEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { findRepeatedName } from './repeated-name.ts';

export type OpenedBody =
  /** `cryptoKeyId` null: the body was plain. */
  | { readonly kind: 'open'; readonly content: Buffer; readonly cryptoKeyId: string | null }
  | { readonly kind: 'refused'; readonly reason: string };

/** Which bodies are accepted. */
export interface BodyTerms {
  readonly keys: KeyRing;
  readonly requireEncryption: boolean;
  /** Whether encrypted bodies are refused; at the platform each call decides about encryption by itself. */
  readonly requirePlain: boolean;
  readonly rules: Pick<CallRules, 'keyIdNeedsEncryption'>;
}

/**
 * Takes a body out of its envelope, if it came in one. The key id header is sent if and only if the body is
 * encrypted, so one without the other is refused, and so is a key id that is not ours.
 */
export async function openBody(
  body: Buffer,
  sentKeyId: string | null,
  terms: BodyTerms,
): Promise<OpenedBody> {
  const envelope = readEnvelope(body);
  if (envelope === null) {
    if (sentKeyId !== null && terms.rules.keyIdNeedsEncryption) return refused('crypto_key_id');
    if (terms.requireEncryption) return refused('encryption_required');
    return { kind: 'open', content: body, cryptoKeyId: null };
  }
  if (terms.requirePlain) return refused('plain_required');
  if (sentKeyId === null) return refused('crypto_key_id_missing');
  const ours = await terms.keys.serverSide();
  if (ours === null || sentKeyId !== ours.cryptoKeyId) return refused('unknown_crypto_key_id');
  const content = await openEnvelope(envelope, ours.privateKey);
  return content === null ? refused('enc_data') : { kind: 'open', content, cryptoKeyId: ours.cryptoKeyId };
}

/**
 * Returns the content of a body whose only field is `encData`; empty where it is no text or stands twice. Null for
 * any other body.
 */
function readEnvelope(body: Buffer): string | null {
  const text = body.toString('utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof content !== 'object' || content === null) return null;
  const fields = Object.entries(content);
  const [first] = fields;
  if (fields.length !== 1 || first?.[0] !== 'encData') return null;
  return typeof first[1] === 'string' && findRepeatedName(text) === null ? first[1] : '';
}

function refused(reason: string): OpenedBody {
  return { kind: 'refused', reason };
}
