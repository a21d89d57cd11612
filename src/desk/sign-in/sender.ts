import type { IncomingMessage } from 'node:http';
import type { DeskSignIn } from '../../config/desk/sign-in-configuration.ts';
import type { Clock } from '../../domain/clock.ts';
import { findSession } from '../../ledger/desk/session-table.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import type { Person } from '../server/person.ts';
import { rolesOf } from './identity.ts';
import { identityOfProxy } from './proxy-identity.ts';
import { hashOfToken } from './session-token.ts';

/** The sender of a request, as far as the desk can tell. */
export type Sender =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'nobody' }
  /** The request names a person, but there is no reason to believe it; `why` is a sentence for the log. */
  | { readonly kind: 'unbelieved'; readonly why: string };

export interface SenderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Null where one person at this machine may do everything. */
  readonly signIn: DeskSignIn | null;
  /** The name of that person, as the operating system gives it. */
  readonly user: string;
}

/** Finds out who sent a request. `token` comes from the browser's session cookie; null where it sent none. */
export async function findSender(
  { ledger, clock, signIn, user }: SenderOptions,
  request: Pick<IncomingMessage, 'headers' | 'headersDistinct' | 'socket'>,
  token: string | null,
): Promise<Sender> {
  if (signIn === null)
    return {
      kind: 'person',
      person: { name: user, account: null, roles: new Set(['viewer', 'uploader', 'approver']) },
    };
  const { way, roles } = signIn;
  if (way.kind === 'proxy') {
    const word = identityOfProxy(request, way);
    if (word.kind !== 'person') return word;
    const { email: name, account } = word.identity;
    return { kind: 'person', person: { name, account, roles: rolesOf(word.identity, roles) } };
  }
  const session = token === null ? null : await findSession(ledger, hashOfToken(token, way), clock.now());
  if (session === null) return { kind: 'nobody' };
  const { name, account, groups } = session;
  return { kind: 'person', person: { name, account, roles: rolesOf({ email: name, groups }, roles) } };
}
