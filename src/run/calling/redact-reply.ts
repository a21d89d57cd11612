import type { Reply } from '../../domain/outcome.ts';

/**
 * Returns a reply as it may be kept. A careless gateway can repeat our own headers in its answer, and the answer ends
 * up in the ledger and in lists for other people. `redact` takes every secret of ours out of a text.
 */
export function redactReply(reply: Reply, redact: (text: string) => string): Reply {
  switch (reply.kind) {
    case 'answered':
      return {
        ...reply,
        unread: reply.unread === null ? null : redact(reply.unread),
        message: reply.message === null ? null : redact(reply.message),
        raw: redact(reply.raw),
      };
    case 'not_sent':
    case 'no_answer':
      return { ...reply, error: redact(reply.error) };
  }
}
