import { comesAgainClasses, isRefusedRecord, isSuccess, whoMustAct, type Actor } from '../../domain/class.ts';
import type { Language } from '../../domain/language.ts';
import { sisterMeaningOf } from '../../domain/provider-code.ts';
import { dayOf } from '../../domain/time/calendar-day.ts';
import type { OutcomeRules } from '../../konaplate/outcome-rules.ts';
import type { Resolution } from '../../ledger/breaks/resolution-table.ts';
import type { AttemptRow } from '../../ledger/runs/attempt-table.ts';
import type { RecordRow } from '../../ledger/runs/enrollment-table.ts';
import { lifeTextsIn } from './life-texts-in.ts';

/** The terms that decide about a record's next call, as the record's last run had them. */
export interface OutlookTerms {
  /** The value of retry.nights. */
  readonly nightsLimit: number;
  readonly timeZone: string;
  /** The resolution in force; null where nobody has settled the record. */
  readonly resolution: Resolution | null;
}

export interface Outlook {
  readonly whoMustAct: Actor;
  /** One sentence that says what happens next. */
  readonly next: string;
}

export function outlookOf(record: RecordRow, terms: OutlookTerms, language: Language): Outlook {
  const texts = lifeTextsIn(language).next;
  const { resolution, nightsLimit, timeZone } = terms;
  const is = record.class;
  if (record.status === 'sending') return { whoMustAct: 'nobody', next: texts.underWay };
  if (is === 'pending') return { whoMustAct: 'nobody', next: texts.neverCalled };
  const usedUp = record.nights >= nightsLimit;
  const isOfThoseThatCome = (comesAgainClasses as readonly string[]).includes(is);
  const comesAgain = isOfThoseThatCome && !usedUp;
  if (resolution !== null) {
    const { resolved_by: by, resolved_at: at, note } = resolution;
    const next = texts.settled({ by, day: dayOf(at, timeZone), note, isCalled: comesAgain });
    return { whoMustAct: 'nobody', next };
  }
  const isRefused = isRefusedRecord(is, record.code);
  const actor = whoMustAct(is, usedUp, isRefused);
  if (isSuccess(is)) return { whoMustAct: actor, next: texts.enrolled };
  if (comesAgain)
    return {
      whoMustAct: actor,
      next: texts.comesAgain(nightsLimit - record.nights, is === 'action_required'),
    };
  if (isOfThoseThatCome) return { whoMustAct: actor, next: texts.nightsUsedUp(record.nights) };
  return { whoMustAct: actor, next: texts.untilAsked(isRefused ? texts.refused : texts.toDo(actor)) };
}

/** Returns a sentence that tells which rule gave an attempt its outcome. `rules` are those of the record's last run. */
export function ruleOf(attempt: AttemptRow, rules: OutcomeRules, language: Language): string {
  const texts = lifeTextsIn(language).rule;
  const { reply_kind: kind, http_status: status, code, outcome } = attempt;
  if (kind === 'not_sent') return texts.notSent;
  if (kind !== 'answered' || status === null) return texts.unanswered;
  if (attempt.call === 'plans') return texts.inquiry;
  if (status === 429) return texts.throttled;
  if (status < 200 || status >= 500) return texts.serverError(status);
  if (status >= 300 && status < 400) return texts.redirected(status);
  if (code === null && outcome === 'stop_run') return texts.refusedBefore(status);
  if (code === null) return texts.noCode;
  const rule = rules.byCode.get(code);
  if (outcome === 'stop_run' && rule?.class !== 'stop_run') return texts.saysNothing(status);
  if (outcome === 'held') return texts.held(code);
  if (rule === undefined) {
    const sister = sisterMeaningOf(code);
    return sister === null
      ? texts.unknownCode
      : `${texts.unknownCode} ${texts.onSisterCalls(sister[language])}`;
  }
  const given = outcome === 'recovered' ? 'already_active' : outcome;
  if (rule.class !== given) return texts.changed;
  const origin = rule.origin === 'job_file' ? texts.jobFile : texts.builtIn;
  return `${origin}, ${texts.is(code, rule.class)}: ${rule.text[language]}`;
}
