import type { KeyObject } from 'node:crypto';
import { openBody } from './encryption/body-encryption.ts';
import type { EndedExchange } from './transport/call-exchange.ts';
import { readBody } from './reply-reader.ts';

/** Its answer is in plain words, and nobody has asked yet whose it is. */
export type OpenedExchange = Omit<EndedExchange, 'sealed'>;

/** The call with its answer in plain words; one we can't open stays an answer without a code, and says why. */
export async function openAnswer(sent: EndedExchange, answerKey: KeyObject | null): Promise<OpenedExchange> {
  const { reply, sealed } = sent;
  if (sealed === null || reply.kind !== 'answered') return sent;
  const opened = await openBody(sealed, answerKey);
  if (opened.kind === 'unopened') return { ...sent, reply: { ...reply, unread: opened.why } };
  // What is sealed twice is not opened twice.
  const { pars, sealed: _, ...body } = readBody(opened.bytes);
  return { ...sent, pars, reply: { ...reply, ...body } };
}
