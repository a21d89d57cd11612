import type { Outcome, Reply } from '../domain/outcome.ts';
import { parsePar, type Par } from '../domain/identity/par.ts';
import { SUCCESS_CODE } from '../domain/provider-code.ts';
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

/** What an inquiry tells of the member. */
export type PlansAnswer =
  /** All cards that are registered for the member, each once. */
  | { readonly kind: 'plans'; readonly pars: readonly Par[] }
  /** An answer that will be the same the next time, and no list of plans. */
  | { readonly kind: 'refused' }
  /** No answer, or none of the provider's own. */
  | { readonly kind: 'unclear' }
  | Extract<Outcome, { readonly kind: 'throttled' | 'stop_run' }>;

/** An inquiry blames no row, so there is nothing that would have to be believed. */
const asked = { unansweredBefore: 0, setup: 'proved' } as const;

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
  const outcome = classifyReply(reply, asked, rules);
  if (outcome.kind === 'throttled') return outcome;
  if (outcome.kind === 'stop_run') {
    return { ...outcome, sentence: `${outcome.sentence} (asked for plans, as verify.enabled says)` };
  }
  if (!isList(reply) || pars === null) return { kind: 'unclear' };
  return { kind: pars.includes(par) ? 'found' : 'not_found' };
}

/**
 * The whole list or none: of one with an entry that is no PAR nobody could say which card it stands for. Documented
 * refusals are answers too, though none to this question.
 */
export function readPlans(reply: Reply, pars: readonly string[] | null, rules: OutcomeRules): PlansAnswer {
  const outcome = classifyReply(reply, asked, rules);
  switch (outcome.kind) {
    case 'throttled':
      return outcome;
    case 'stop_run': {
      const why = "asked for a member's plans, a call that not every provider knows";
      return { ...outcome, sentence: `${outcome.sentence} (${why})` };
    }
    case 'unsettled':
      return { kind: 'unclear' };
    case 'settled': {
      const read = isList(reply) && pars !== null ? parseAll(pars) : null;
      return read === null ? { kind: 'refused' } : { kind: 'plans', pars: read };
    }
  }
}

function isList(reply: Reply): boolean {
  return reply.kind === 'answered' && reply.code === SUCCESS_CODE && reply.httpStatus < 300;
}

function parseAll(texts: readonly string[]): readonly Par[] | null {
  const pars = new Set<Par>();
  for (const text of texts) {
    const par = parsePar(text);
    if (typeof par !== 'string') return null;
    pars.add(par);
  }
  return [...pars];
}
