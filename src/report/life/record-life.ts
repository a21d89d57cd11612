import { parseRunSettings } from '../../config/run-settings.ts';
import type { IdForm } from '../../domain/identity/id-form.ts';
import type { Language } from '../../domain/language.ts';
import { tellRejection, tellRejectionInBoth } from '../../domain/rejection/rejection-words.ts';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { outcomeRulesOfRun, type OutcomeRules } from '../../konaplate/outcome-rules.ts';
import { readBreaksOfRecord, type BreakRow } from '../../ledger/breaks/break-table.ts';
import { readResolutions, type Resolution } from '../../ledger/breaks/resolution-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readAttemptsOfRecord, type AttemptRow } from '../../ledger/runs/attempt-table.ts';
import {
  findListingsOfRecord,
  type RecordListing,
  type RecordRow,
} from '../../ledger/runs/enrollment-table.ts';
import { readRun } from '../../ledger/runs/run-table.ts';
import type { Named } from './find-named.ts';
import { outlookOf, type Outlook } from './record-outlook.ts';

/** The ledger stores no more of a raw answer than this. */
const MAX_RAW_SHOWN = 4096;

/** The whole life of one record. Its texts have passed through the form in which ids are shown. */
export interface Life {
  readonly record: RecordRow;
  readonly listings: readonly RecordListing[];
  readonly attempts: readonly AttemptRow[];
  readonly rules: OutcomeRules;
  /** The time zone in which the record's times are told. */
  readonly timeZone: string;
  readonly outlook: Outlook;
  readonly resolutions: readonly Resolution[];
  readonly breaks: readonly BreakRow[];
}

export interface LifeForm {
  readonly form: IdForm;
  readonly language: Language;
}

export async function readLife(ledger: Queryable, record: RecordRow, told: LifeForm): Promise<Life> {
  const { form } = told;
  const ids = idsOf(record);
  const listings = await findListingsOfRecord(ledger, record);
  const attempts = await readAttemptsOfRecord(ledger, record.record_no);
  return {
    record: worded(record, ids, form),
    listings: listings.map((listing) => worded(listing, ids, form)),
    attempts: attempts.map((attempt) => withRaw(worded(attempt, ids, form), ids, form)),
    ...(await readOutlook(ledger, record, told)),
  };
}

export function idsOf(record: RecordRow): readonly string[] {
  return [record.user_id, record.par];
}

/**
 * Returns the row that was named, with the reason of a rejection: in `language`, or in both languages where that is
 * null.
 */
export function rowOf(
  { row, records }: Pick<Named, 'row' | 'records'>,
  form: IdForm,
  language: Language | null,
): RecordListing | null {
  if (row === null) return null;
  const { rejection, ...listing } = row;
  const kept = { rejection, message: row.message };
  const isInOne = language !== null && row.class === 'rejected';
  const message = isInOne ? tellRejection(kept, language) : tellRejectionInBoth(kept);
  return worded({ ...listing, message }, records.flatMap(idsOf), form);
}

/** Reads the outlook of a record under the settings of the last run that called it. */
async function readOutlook(
  ledger: Queryable,
  record: RecordRow,
  { form, language }: LifeForm,
): Promise<Pick<Life, 'rules' | 'timeZone' | 'outlook' | 'resolutions' | 'breaks'>> {
  const ids = idsOf(record);
  const run = record.last_run_no === null ? null : await readRun(ledger, record.last_run_no);
  const settings = run === null ? null : parseRunSettings(run.settings);
  const known = settings?.kind === 'valid' ? settings.value : null;
  const all = await readResolutions(ledger, record.record_no);
  const resolutions = all.map((one) => withNote(one, form.text(one.note, ids)));
  const timeZone = known?.timeZone ?? USUAL_TIME_ZONE;
  const terms = {
    nightsLimit: known?.retry.nights ?? 14,
    timeZone,
    resolution: resolutions.find((one) => one.in_force) ?? null,
  };
  return {
    rules: outcomeRulesOfRun(known?.outcomes ?? {}),
    timeZone,
    outlook: outlookOf(record, terms, language),
    resolutions,
    breaks: await readBreaksOfRecord(ledger, record),
  };
}

function withNote(resolution: Resolution, note: string): Resolution {
  return { ...resolution, note };
}

/**
 * Puts the provider's message into the form in which ids are shown, because it is untrusted and may repeat an id. The
 * form is told the record's ids, because a short one looks like any number.
 */
function worded<Worded extends { readonly message: string | null }>(
  row: Worded,
  ids: readonly string[],
  form: IdForm,
): Worded {
  return row.message === null ? row : { ...row, message: form.text(row.message, ids) };
}

/**
 * Cleans the raw answer and puts it into the form in which ids are shown. It is the least trusted text, and may list
 * other cards of the member.
 */
function withRaw(attempt: AttemptRow, ids: readonly string[], form: IdForm): AttemptRow {
  const raw = attempt.raw_reply;
  if (raw === null) return attempt;
  return { ...attempt, raw_reply: form.text(cleanUntrustedText(raw, MAX_RAW_SHOWN), ids) };
}
