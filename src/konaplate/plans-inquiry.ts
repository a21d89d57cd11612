import type { Outcome, Reply } from '../domain/outcome.ts';
import { parsePar, type Par } from '../domain/identity/par.ts';
import { SUCCESS_CODE } from '../domain/provider-code.ts';
import { classifyReply, type OutcomeRules } from './outcome-rules.ts';

/** What an inquiry says about one card of the member. */
export type PlansFinding =
  /** The card is among the member's active registrations. */
  | { readonly kind: 'found' }
  /** The card is not registered; a call of ours that is still under way may change that. */
  | { readonly kind: 'not_found' }
  /** There is no answer, or none that tells. */
  | { readonly kind: 'unclear' }
  | Extract<Outcome, { readonly kind: 'throttled' | 'stop_run' }>;

/** What an inquiry says about the member. */
export type PlansAnswer =
  /** All cards that are registered for the member, each once. */
  | { readonly kind: 'plans'; readonly pars: readonly Par[] }
  /** The answer is no list of plans, and will be the same the next time. */
  | { readonly kind: 'refused' }
  /** There is no answer, or none from the provider itself. */
  | { readonly kind: 'unclear' }
  | Extract<Outcome, { readonly kind: 'throttled' | 'stop_run' }>;

/** An inquiry blames no row, so it needs no proof of the set-up. */
const asked = { unansweredBefore: 0, setup: 'proved' } as const;

/**
 * Judges an inquiry. Only a whole list in a successful answer tells which cards are not registered. The call is
 * inferred from its sister calls (PROVIDER.md), so an address that does not know it ends the run, and the message
 * names the setting that asks for it.
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
 * Reads the whole list or nothing: with an entry that is no PAR, nobody could tell which card it stands for.
 * Documented refusals are answers as well, though not to this question.
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
