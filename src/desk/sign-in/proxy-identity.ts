import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PROXY_SECRET_HEADER, type ProxySignIn } from '../../config/desk/sign-in-configuration.ts';
import { isThisMachine } from '../../config/this-machine.ts';
import { normalEmail, type Identity } from './identity.ts';

export type ProxyWord =
  | { readonly kind: 'person'; readonly identity: Identity }
  /** The request has no header that names a person. */
  | { readonly kind: 'nobody' }
  /** The request names a person, but there is no reason to believe it. */
  | { readonly kind: 'unbelieved'; readonly why: string };

/**
 * Returns the identity that a proxy sends with a request. Believes only a proxy on this machine that knows the secret.
 */
export function identityOfProxy(
  { headers, headersDistinct, socket }: Pick<IncomingMessage, 'headers' | 'headersDistinct' | 'socket'>,
  { secret, emailHeader, groupsHeader }: ProxySignIn,
): ProxyWord {
  const named = headers[emailHeader];
  const given = headers[PROXY_SECRET_HEADER];
  if (named === undefined && given === undefined) return { kind: 'nobody' };
  if (!isFromHere(socket.remoteAddress)) return { kind: 'unbelieved', why: 'it came from another machine' };
  if (typeof given !== 'string' || !isSame(given, secret.reveal()))
    return { kind: 'unbelieved', why: 'the secret beside it is not ours' };
  // A proxy that adds to what a browser sent would let people name their own groups.
  const isTwice = [emailHeader, groupsHeader].some((name) => (headersDistinct[name]?.length ?? 0) > 1);
  if (isTwice) return { kind: 'unbelieved', why: 'a header of the proxy came twice' };
  if (named === undefined || named === '') return { kind: 'nobody' };
  const email = typeof named === 'string' ? normalEmail(named) : null;
  if (email === null) return { kind: 'unbelieved', why: 'what it names is no e-mail address' };
  return { kind: 'person', identity: { email, account: null, groups: listOf(headers[groupsHeader]) } };
}

/** Returns whether the sender is on this machine. A Unix socket has no address. */
function isFromHere(address: string | undefined): boolean {
  return address === undefined || address === '' || isThisMachine(address.replace(/^::ffff:/i, ''));
}

/** Compares hashes, so that the time it takes tells nothing about either secret. */
function isSame(given: string, ours: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(ours));
}

function listOf(header: string | readonly string[] | undefined): readonly string[] {
  return [header ?? []]
    .flat()
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
