import { comesAgainClasses, isRefusedRecord, rowClasses, type RowClass } from '../../domain/class.ts';
import { INVALID_INPUT_CODE, sisterMeaningOf } from '../../domain/provider-code.ts';
import { nameBeside } from '../../domain/result-columns.ts';
import { maskId, maskIdsInText, maskKnownIds } from '../../domain/identity/masking.ts';
import type { Language } from '../../domain/language.ts';
import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { readRefusedField } from '../../konaplate/refused-fields.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import type { NoteOptions } from '../result-note.ts';
import type { ResultLayout } from './result-layout.ts';
import { fillUp } from './result-lines.ts';
import { audienceTextsIn, customerTextFor, type AudienceTexts } from '../texts/audience-texts.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { meaningOfCode, type RecordTexts } from '../texts/record-texts.ts';

/** The positions of a list's ids. */
export interface IdColumns {
  readonly userId: number | null;
  readonly par: number | null;
}

export interface AudienceContext {
  readonly layout: ResultLayout;
  readonly ids: IdColumns;
  readonly texts: AudienceTexts;
  readonly words: RecordTexts;
  readonly language: Language;
  /** retry.nights of the run. */
  readonly nightsLimit: number;
}

export const audiences = ['customers', 'data', 'developers', 'usedUp'] as const;
export type Audience = (typeof audiences)[number];

/**
 * Columns of the CSV files; scripts rely on the names. The list's own columns stand before them, except for
 * developers.
 */
const columns = {
  customers: ['line', 'code', 'reason', 'text_to_say'],
  data: ['line', 'class', 'column', 'what_is_wrong', 'what_to_do'],
  developers: [
    'line',
    'http_status',
    'code',
    'message',
    'correlation_id',
    'attempts',
    'last_attempt_at',
    'rule',
    'user_id_masked',
    'par_masked',
    'raw_reply_masked',
  ],
  usedUp: ['line', 'class', 'code', 'reason', 'nights', 'what_to_do'],
} as const satisfies Record<Audience, readonly string[]>;

const MOST_RAW = 4_000;

export function createAudienceContext(
  layout: ResultLayout,
  ids: IdColumns,
  { language, nightsLimit }: NoteOptions,
): AudienceContext {
  return {
    layout,
    ids,
    language,
    nightsLimit,
    texts: audienceTextsIn(language),
    words: recordTextsIn(language),
  };
}

/** Returns the header of the CSV file. */
export function audienceHeader(audience: Audience, { layout }: AudienceContext): string[] {
  const original = originalHeader(audience, layout);
  return [...original, ...nameBeside(original, columns[audience])];
}

/** Returns the same header for a sheet, in the reader's language. */
export function audienceHeadings(audience: Audience, { layout, texts }: AudienceContext): string[] {
  return [...originalHeader(audience, layout), ...texts.headings[audience]];
}

function originalHeader(audience: Audience, { header, originalCount }: ResultLayout): readonly string[] {
  return audience === 'developers' ? [] : header.slice(0, originalCount);
}

const audienceClasses: Readonly<Record<Audience, readonly RowClass[]>> = {
  customers: ['action_required'],
  data: ['bad_data', 'rejected', 'disputed'],
  developers: ['unknown_code'],
  usedUp: comesAgainClasses,
};

/**
 * Returns the audiences of a row. Empty where a person has settled its record. A row refused before the provider is
 * for operations. A row whose nights are used up tonight is for operations, in addition to the customer it is about.
 */
export function audiencesOf(row: ReportedRow, nightsLimit: number): readonly Audience[] {
  if (row.settled !== null || isRefusedRecord(row.class, row.code)) return [];
  const isUsedUp = !row.kept && row.attempts > 0 && row.nights === nightsLimit;
  return (isUsedUp ? whenUsedUp : usually).get(row.class) ?? [];
}

/** Every row of a report asks for them, so they are found once for each class. */
const whenUsedUp = audiencesByClass(audiences);
const usually = audiencesByClass(audiences.filter((audience) => audience !== 'usedUp'));

function audiencesByClass(among: readonly Audience[]): ReadonlyMap<RowClass, readonly Audience[]> {
  return new Map(
    rowClasses.map((name) => [name, among.filter((audience) => audienceClasses[audience].includes(name))]),
  );
}

/** Returns the cells of a row whose nights are used up. The number of nights it was called includes this one. */
export function usedUpCells(row: ReportedRow, { layout, texts, words }: AudienceContext): string[] {
  return [
    ...fillUp(row.cells, layout.originalCount),
    String(row.line),
    words.classes[row.class].name,
    row.code ?? '',
    row.code === null ? words.classes[row.class].meaning : meaningOfCode(row.code, words),
    String(row.nights),
    texts.settleUsedUp,
  ];
}

export function customerCells(row: ReportedRow, { layout, texts }: AudienceContext): string[] {
  const { reason, toSay } = customerTextFor(row.code, texts);
  return [...fillUp(row.cells, layout.originalCount), String(row.line), row.code ?? '', reason, toSay];
}

export function dataCells(row: ReportedRow, context: AudienceContext): string[] {
  const { layout, words } = context;
  return [
    ...fillUp(row.cells, layout.originalCount),
    String(row.line),
    words.classes[row.class].name,
    columnsAtFault(row, context).join(', '),
    whatIsWrong(row, context),
    whatToDo(row, context),
  ];
}

/** Returns the list's columns to look at; none where the whole row is at fault. */
function columnsAtFault(row: ReportedRow, { layout, ids }: AudienceContext): string[] {
  const name = (index: number | null): string[] => (index === null ? [] : [layout.header[index] ?? '']);
  const code = row.code ?? '';
  if (row.class === 'rejected') {
    if (code.startsWith('user_id')) return name(ids.userId);
    return code.startsWith('par') ? name(ids.par) : [];
  }
  const field = code === INVALID_INPUT_CODE ? readRefusedField(row.message) : null;
  if (field?.kind === 'row')
    return [...(field.userId ? name(ids.userId) : []), ...(field.par ? name(ids.par) : [])];
  const isOfParAlone = row.class === 'disputed' || code === '001_003';
  return isOfParAlone ? name(ids.par) : [...name(ids.userId), ...name(ids.par)];
}

function whatIsWrong(row: ReportedRow, { language, words }: AudienceContext): string {
  if (row.class === 'disputed') return words.classes.disputed.meaning;
  if (row.class === 'rejected') return tellRejection(row, language);
  const meaning = row.code === null ? words.classes.bad_data.meaning : meaningOfCode(row.code, words);
  return [row.code ?? '', meaning, row.message === null ? '' : `(${maskIdsInText(row.message)})`]
    .filter((part) => part !== '')
    .join(' ');
}

function whatToDo({ class: rowClass }: ReportedRow, { texts }: AudienceContext): string {
  if (rowClass === 'disputed') return texts.correctDisputed;
  return rowClass === 'rejected' ? texts.correctRejected : texts.correctProviderData;
}

/** Returns a developer's cells, with ids masked even in the provider's own words. */
export function developerCells(row: ReportedRow, { texts, words }: AudienceContext): string[] {
  const { reply } = row;
  const ids = reply === null ? [] : [reply.user_id, reply.par];
  return [
    String(row.line),
    row.http_status === null ? '' : String(row.http_status),
    row.code ?? '',
    maskKnownIds(row.message ?? '', ids),
    row.correlation_id ?? '',
    String(row.attempts),
    row.last_attempt_at ?? '',
    ruleWords(row, texts, words),
    ...(reply === null ? ['', ''] : [maskId(reply.user_id), maskId(reply.par)]),
    maskedReply(reply?.raw_reply ?? '', ids),
  ];
}

/** Says that no rule knows the code, and what sister calls say about it. */
function ruleWords(
  { code, http_status: status }: ReportedRow,
  texts: AudienceTexts,
  words: RecordTexts,
): string {
  const sister = code === null ? null : sisterMeaningOf(code);
  const noRule = texts.noRule(code, status);
  return sister === null ? noRule : `${noRule} (${words.onSisterCalls(sister)})`;
}

/** Masks before it cuts: otherwise the beginning of an id across the cut would remain. */
function maskedReply(raw: string, ids: readonly string[]): string {
  return cleanUntrustedText(maskKnownIds(cleanUntrustedText(raw, raw.length), ids), MOST_RAW);
}
