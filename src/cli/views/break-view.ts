import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import {
  ageBuckets,
  countOpenBreaks,
  type BreakFigures,
  type BreakKind,
} from '../../domain/reconciliation/break.ts';
import { maskId, maskIdsInOurText } from '../../domain/identity/masking.ts';
import { readBreakPages, type BreakRow, type BreakSelection } from '../../ledger/breaks/break-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { idsOfBreak } from '../../report/breaks/break-ids.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import type { WrittenBreakLists } from '../../report/breaks/break-lists.ts';
import type { IdForm } from '../../domain/identity/id-form.ts';
import { formatTable } from '../terminal/table.ts';

/** Formats breaks by kind: new, still open, explained, gone, and the age of the open ones. */
export function formatBreakFigures(figures: readonly BreakFigures[]): string {
  const rows = figures.map(({ kind, fresh, stillOpen, explained, gone, ages }) => [
    kind,
    fresh,
    stillOpen,
    explained,
    gone,
    ...ageBuckets.map((bucket) => ages[bucket]),
  ]);
  const ageHeaders = ageBuckets.map((bucket) => `${bucket} nights`);
  return formatTable(['break', 'new', 'still open', 'explained', 'gone', ...ageHeaders], rows);
}

/** Returns the first open breaks, one line each, and the number of further ones. */
export function openBreakLines(figures: readonly BreakFigures[], first: readonly BreakRow[]): string[] {
  if (first.length === 0) return [];
  const open = countOpenBreaks(figures);
  const more = open > first.length ? [`  and ${open - first.length} more\n`] : [];
  return ['\n', ...first.map((row) => `  ${formatBreak(row)}\n`), ...more];
}

/** Says where all of them are listed with whole ids. */
export function breakListLines(lists: WrittenBreakLists | null): string[] {
  if (lists === null) return [];
  const files = lists.files.join(' and ');
  return [
    `\nAll of them with whole ids: ${files} in ${cleanUntrustedText(lists.folder)}\n`,
    ...lists.warnings.map((sentence) => `  ${sentence}\n`),
  ];
}

/** Returns all open breaks for scripts; ids masked. */
export async function describeOpenBreaks(ledger: Queryable, selection: BreakSelection): Promise<object[]> {
  const described: object[] = [];
  for await (const page of readBreakPages(ledger, { ...selection, state: 'open' })) {
    described.push(...page.map(describeBreak));
  }
  return described;
}

/** Says what to do about open breaks. */
export function nextBreakLines(
  figures: readonly BreakFigures[],
  first: readonly BreakRow[],
  program: string,
): string[] {
  const [oldest] = first;
  if (oldest === undefined) return [];
  const advice = figures
    .filter(({ fresh, stillOpen }) => fresh + stillOpen > 0)
    .map(({ kind }) => `  ${kind}: ${adviceOn(kind)}\n`);
  return [
    'Next:\n',
    ...advice,
    `  to keep one: ${program} resolve break:${oldest.break_no} --note "why"\n`,
    `  to keep many: write why into the note column of breaks.xlsx, then ${program} resolve breaks.xlsx\n`,
    '  a break that no longer exists closes automatically at the next reconcile\n',
  ];
}

/** Formats one line: number, what differs, whose record, since when. Ids masked. */
function formatBreak(row: BreakRow): string {
  const details = row.details === null ? [] : [maskIdsInOurText(row.details)];
  const parts = [`break ${row.break_no}`, row.kind, subjectOf(row), ...details, `since ${row.first_night}`];
  return cleanUntrustedText(parts.join(' · '));
}

/** Returns the same for scripts. */
function describeBreak(row: BreakRow): object {
  return {
    break: row.break_no,
    kind: row.kind,
    userId: masked(row.user_id),
    par: masked(row.par),
    otherUserId: masked(row.other_user_id),
    otherPar: masked(row.other_par),
    details: row.details === null ? null : maskIdsInOurText(row.details),
    firstSeenAt: row.first_seen_at.toISOString(),
    firstNight: row.first_night,
  };
}

/** Returns what to do about an open break of a kind, as the reports say it. */
function adviceOn(kind: BreakKind): string {
  return recordTextsIn('en').breakKinds[kind].toDo;
}

function subjectOf(row: BreakRow, id: IdForm['id'] = maskId): string {
  const shown = (one: string | null): string => (one === null ? '' : id(one));
  const record = row.user_id === null ? 'forgotten' : `${shown(row.user_id)} ${shown(row.par)}`;
  if (row.other_par !== null) {
    const how = row.kind === 'old_card' ? 'now enrolled with' : 'enrolled with';
    return `${record}, ${how} ${id(row.other_par)}`;
  }
  return row.other_user_id === null ? record : `${record}, with ${id(row.other_user_id)}`;
}

/** Formats everything about one break: what it is, whose, since when, who explained it and why, what to do. */
export function formatWholeBreak(row: BreakRow, form: IdForm): string {
  const details = row.details === null ? [] : [maskIdsInOurText(row.details)];
  const explained =
    row.explained_at === null
      ? []
      : [`explained by ${row.explained_by ?? '?'}: ${form.text(row.note ?? 'forgotten', idsOfBreak(row))}`];
  const lines = [
    `of ${subjectOf(row, form.id)}`,
    ...details,
    ...explained,
    row.state === 'open' ? `next: ${adviceOn(row.kind)}` : 'next: nobody must act',
  ];
  const head = `Break ${row.break_no}: ${row.kind}, ${row.state}, first seen in the night of ${row.first_night}\n`;
  return head + lines.map((line) => `  ${cleanUntrustedText(line)}\n`).join('');
}

/** Returns the same for scripts. */
export function describeWholeBreak(row: BreakRow, form: IdForm): object {
  const of = (id: string | null): string | null => (id === null ? null : form.id(id));
  return {
    ...describeBreak(row),
    userId: of(row.user_id),
    par: of(row.par),
    otherUserId: of(row.other_user_id),
    otherPar: of(row.other_par),
    provider: row.provider,
    job: row.job,
    state: row.state,
    explained:
      row.explained_at === null
        ? null
        : {
            at: row.explained_at.toISOString(),
            by: row.explained_by,
            note: row.note === null ? null : form.text(row.note, idsOfBreak(row)),
          },
    closedAt: row.closed_at?.toISOString() ?? null,
    next: row.state === 'open' ? adviceOn(row.kind) : null,
  };
}

function masked(id: string | null): string | null {
  return id === null ? null : maskId(id);
}
