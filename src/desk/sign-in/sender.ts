import type { IncomingMessage } from 'node:http';
import type { DeskSignIn } from '../../config/desk/sign-in-configuration.ts';
import type { Clock } from '../../domain/clock.ts';
import { findSession } from '../../ledger/desk/session-table.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import type { Person } from '../server/person.ts';
import { rolesOf } from './identity.ts';
import { identityOfProxy } from './proxy-identity.ts';
import { hashOfToken } from './session-token.ts';

/** Who sends a request. */
export type Sender =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'nobody' }
  /** It names somebody, and there is no reason to believe it: a sentence for the log. */
  | { readonly kind: 'unbelieved'; readonly why: string };

export interface SenderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Null: one person at this machine, who may do everything. */
  readonly signIn: DeskSignIn | null;
  /** That person, as the operating system says. */
  readonly user: string;
}

/** `token`: of the browser's session cookie; null: it sent none. */
export async function findSender(
  { ledger, clock, signIn, user }: SenderOptions,
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  token: string | null,
): Promise<Sender> {
  if (signIn === null)
    return { kind: 'person', person: { name: user, roles: new Set(['viewer', 'uploader', 'approver']) } };
  const { way, roles } = signIn;
  if (way.kind === 'proxy') {
    const word = identityOfProxy(request, way);
    if (word.kind !== 'person') return word;
    return { kind: 'person', person: { name: word.identity.email, roles: rolesOf(word.identity, roles) } };
  }
  const session = token === null ? null : await findSession(ledger, hashOfToken(token), clock.now());
  if (session === null) return { kind: 'nobody' };
  const { person: email, groups } = session;
  return { kind: 'person', person: { name: email, roles: rolesOf({ email, groups }, roles) } };
}
