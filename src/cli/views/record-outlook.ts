import { comesAgainClasses, isRefusedRecord, isSuccess, whoMustAct, type Actor } from '../../domain/class.ts';
import { dayOf } from '../../domain/time/calendar-day.ts';
import { sisterMeaningOf } from '../../domain/provider-code.ts';
import type { AttemptRow } from '../../ledger/runs/attempt-table.ts';
import type { RecordRow } from '../../ledger/runs/enrollment-table.ts';
import type { Resolution } from '../../ledger/breaks/resolution-table.ts';
import type { OutcomeRules } from '../../konaplate/outcome-rules.ts';

/** What decides of a record's next call; as its last run had it. */
export interface OutlookTerms {
  /** retry.nights. */
  readonly nightsLimit: number;
  readonly timeZone: string;
  /** In force; null: nobody has settled it. */
  readonly resolution: Resolution | null;
}

export interface Outlook {
  readonly whoMustAct: Actor;
  /** What happens next, in one sentence. */
  readonly next: string;
}

export function outlookOf(record: RecordRow, terms: OutlookTerms): Outlook {
  const { resolution, nightsLimit, timeZone } = terms;
  const is = record.class;
  if (record.status === 'sending') {
    return {
      whoMustAct: 'nobody',
      next: 'a call is under way; where its process died, the next run calls again',
    };
  }
  if (is === 'pending')
    return { whoMustAct: 'nobody', next: 'the next run of a list that holds it calls it' };
  const usedUp = record.nights >= nightsLimit;
  const comesAgain = (comesAgainClasses as readonly string[]).includes(is) && !usedUp;
  if (resolution !== null) {
    const settled = `settled by ${resolution.resolved_by} on ${dayOf(resolution.resolved_at, timeZone)}: ${resolution.note}`;
    const call = comesAgain ? 'lists call it again' : 'no list calls it';
    return {
      whoMustAct: 'nobody',
      next: `${settled} (${call}, and nobody must act until its class or code changes)`,
    };
  }
  const isRefused = isRefusedRecord(is, record.code);
  const actor = whoMustAct(is, usedUp, isRefused);
  if (isSuccess(is)) return { whoMustAct: actor, next: 'nothing: it is enrolled, and lists cost it no call' };
  if (comesAgain)
    return { whoMustAct: actor, next: comingAgain(is === 'action_required', nightsLimit - record.nights) };
  if ((comesAgainClasses as readonly string[]).includes(is)) {
    return {
      whoMustAct: actor,
      next: `it came again for ${record.nights} nights and no list calls it any more: operations find out why, then retry names it`,
    };
  }
  return {
    whoMustAct: actor,
    next: `no list calls it until it is asked for: ${isRefused ? 'operations find out which gateway or firewall refuses it, and why, then retry names it' : toDo(actor)}`,
  };
}

function comingAgain(customerFirst: boolean, nights: number): string {
  const times = nights === 1 ? 'on 1 more night' : `on up to ${nights} more nights`;
  return customerFirst
    ? `the customer must act; the next list of another night calls it again, ${times}`
    : `the next list calls it again, ${times}`;
}

function toDo(actor: Actor): string {
  if (actor === 'list_owner') return 'the list owner corrects its data in failed.csv and hands that back';
  if (actor === 'developer') return 'a developer gives the code a class in outcomes, then retry --code';
  return 'operations find out whose card it is, then retry names it, or resolve settles it';
}

/** Which rule gave an attempt its outcome. `rules`: those of the record's last run. */
export function ruleOf(attempt: AttemptRow, rules: OutcomeRules): string {
  const { reply_kind: kind, http_status: status, code, outcome } = attempt;
  if (kind === 'not_sent') return 'not sent: surely not processed';
  if (kind !== 'answered' || status === null) return 'no answer: the call may have taken effect';
  if (attempt.call === 'plans') return 'an inquiry: only what it finds counts';
  if (status === 429) return 'HTTP 429: not processed, whatever the body says';
  if (status < 200 || status >= 500) return `HTTP ${status}: may have taken effect, whatever the body says`;
  if (status >= 300 && status < 400) return `HTTP ${status}: never followed, the run stops`;
  if (code === null && outcome === 'stop_run')
    return `HTTP ${status}: refused before the provider, says nothing of the record`;
  if (code === null) return 'no readable code: the call may have taken effect';
  const rule = rules.byCode.get(code);
  if (outcome === 'stop_run' && rule?.class !== 'stop_run') {
    return `HTTP ${status}: says nothing of the record`;
  }
  if (outcome === 'held') return `${code} where our set-up was not proved: says nothing of the record`;
  if (rule === undefined) {
    const sister = sisterMeaningOf(code);
    return `a code that no rule knows${sister === null ? '' : ` (on sister calls: ${sister.en})`}`;
  }
  const given = outcome === 'recovered' ? 'already_active' : outcome;
  if (rule.class !== given) return 'a rule that has changed since, or does not hold for this status';
  return `${rule.origin === 'job_file' ? "the job file's" : 'built in'}, ${code} is ${rule.class}: ${rule.text.en}`;
}
