import type { Outcome, Reply } from '../domain/outcome.ts';
import { classifyReply, type OutcomeRules } from './outcome-rules.ts';

/** What an inquiry tells of one card of the member. */
export type PlansFinding =
  /** The card is among the member's active registrations. */
  | { readonly kind: 'found' }
  /** It is not; a call of ours that is still under way there may change that. */
  | { readonly kind: 'not_found' }
  /** No answer, or none that says it. */
  | { readonly kind: 'unclear' }
  | Extract<Outcome, { readonly kind: 'throttled' | 'stop_run' }>;

const SUCCESS_CODE = '000_000';

/**
 * Only a whole list in a successful answer says who is not in it. The call is inferred from its sisters
 * (PROVIDER.md), so an address that does not know it ends the run and says which setting asks for it.
 */
export function judgePlans(
  reply: Reply,
  pars: readonly string[] | null,
  par: string,
  rules: OutcomeRules,
): PlansFinding {
  const outcome = classifyReply(reply, { unansweredBefore: 0 }, rules);
  if (outcome.kind === 'throttled') return outcome;
  if (outcome.kind === 'stop_run') {
    return { kind: 'stop_run', sentence: `${outcome.sentence} (asked for plans, as verify.enabled says)` };
  }
  const isList = reply.kind === 'answered' && reply.code === SUCCESS_CODE && reply.httpStatus < 300;
  if (!isList || pars === null) return { kind: 'unclear' };
  return { kind: pars.includes(par) ? 'found' : 'not_found' };
}
