import { maskIdsInOurText, maskKnownIds } from '../../domain/identity/masking.ts';
import { LONGEST_NOTE } from '../../domain/untrusted-text.ts';
import type { BreakRow } from '../../ledger/breaks/break-table.ts';
import { idsOfBreak } from '../../report/breaks/break-ids.ts';
import { html, type Fragment, type Html } from '../../report/html/html.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawId } from './breaks-page.ts';
import { drawDeskPage, drawToken, isForUploader, type PageFrame } from './desk-page.ts';

/** Draws one break: its kind, its record, its age, the note a person wrote, and the form to write one. */
export function drawBreakPage(
  frame: PageFrame,
  row: BreakRow,
  { hasNoNote }: { readonly hasNoNote: boolean },
): string {
  const { language } = frame;
  const words = ledgerTextsIn(language).breaks;
  const told = recordTextsIn(language).breakKinds[row.kind];
  const mayExplain = isForUploader(frame) && row.state !== 'closed';
  return drawDeskPage(frame, {
    heading: words.one(String(row.break_no)),
    content: html`<p><b>${told.name}</b>. ${told.meaning}</p>
      ${drawWhole(frame, row)} ${row.state === 'closed' ? html`<p>${words.gone}</p>` : null}
      ${drawNote(frame, row)} ${mayExplain ? drawNoteForm(frame, row, hasNoNote) : null}
      <p class="actions"><a href="/breaks">${words.back}</a></p>`,
  });
}

function drawWhole({ language, zoneOf }: PageFrame, row: BreakRow): Html {
  const texts = ledgerTextsIn(language);
  const words = texts.breaks;
  const record = recordTextsIn(language);
  const page = pageTextsIn(language);
  const formats = createFormats(language, zoneOf(row.job ?? ''));
  const otherPar = row.kind === 'old_card' ? words.nowEnrolledWith : words.enrolledWith;
  const facts: readonly (readonly [string, Fragment])[] = [
    [page.facts.state, record.breakStates[row.state]],
    [texts.record.member, drawId(row.user_id)],
    ['PAR', drawId(row.par)],
    [words.otherMember, drawId(row.other_user_id)],
    [otherPar, drawId(row.other_par)],
    [
      words.details,
      row.details === null ? null : html`<span lang="en">${maskIdsInOurText(row.details)}</span>`,
    ],
    [page.facts.provider, row.provider],
    [page.facts.job, row.job],
    [texts.record.firstNight, formats.date(row.first_night)],
    [page.breaks.toDo, row.state === 'open' ? record.breakKinds[row.kind].toDo : page.nobodysWork],
  ];
  return drawFacts(facts.filter(([, value]) => value !== null));
}

/** Draws a person's note with ids masked, because it may repeat an id. */
function drawNote({ language, zoneOf }: PageFrame, row: BreakRow): Html | null {
  if (row.explained_at === null) return null;
  const words = ledgerTextsIn(language).breaks;
  const formats = createFormats(language, zoneOf(row.job ?? ''));
  const note = row.note === null ? words.forgotten : maskKnownIds(row.note, idsOfBreak(row));
  return html`<div class="verdict good">
    <p>${note}</p>
    <p class="soft">${words.explained(row.explained_by ?? '?', formats.dateTime(row.explained_at))}</p>
  </div>`;
}

function drawNoteForm(frame: PageFrame, row: BreakRow, hasNoNote: boolean): Html {
  const words = ledgerTextsIn(frame.language).breaks;
  return html`<h2>${words.settle}</h2>
    <form method="post" action="/breaks/${row.break_no}">
      ${drawToken(frame)} ${hasNoNote ? html`<p role="alert" class="wrong">${words.noNote}</p>` : null}
      <p>
        <label for="note">${words.note}</label>
        <textarea
          id="note"
          name="note"
          rows="3"
          required
          maxlength="${LONGEST_NOTE}"
          aria-describedby="note-hint"
        ></textarea>
      </p>
      <p class="soft" id="note-hint">${row.state === 'explained' ? words.anew : words.noteHint}</p>
      <p><button>${words.keep}</button></p>
    </form>`;
}
