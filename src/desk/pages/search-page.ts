import { maskId } from '../../domain/identity/masking.ts';
import type { RecordListing, RecordRow } from '../../ledger/runs/enrollment-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawDeskPage, drawToken, type PageFrame } from './desk-page.ts';

/** The result of a search in the ledger. */
export type SearchResult =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'no_run' }
  | { readonly kind: 'no_line' }
  /** `shown` is the text that the person typed, masked. */
  | { readonly kind: 'no_record'; readonly shown: string }
  | {
      readonly kind: 'records';
      /** The row that the person named; null where they did not name a row. */
      readonly row: RecordListing | null;
      readonly records: readonly RecordRow[];
      readonly purgedOn: string | null;
    };

/**
 * Draws the search form and the result, unless the result is a single record. `found` is null where nothing was
 * searched.
 */
export function drawSearchPage(frame: PageFrame, found: SearchResult | null): string {
  const words = ledgerTextsIn(frame.language).search;
  return drawDeskPage(frame, {
    heading: words.heading,
    content: html`${found === null ? null : drawFound(frame, found)} ${drawSearchForm(frame, '')}`,
  });
}

/** Draws the search form. `begun` stands in the field at first; it is never an id. */
export function drawSearchForm(frame: PageFrame, begun: string): Html {
  const words = ledgerTextsIn(frame.language).search;
  return html`<form method="post" action="/search" class="search">
    ${drawToken(frame)}
    <p>
      <label for="what">${words.what}</label>
      <input
        id="what"
        name="what"
        type="text"
        required
        maxlength="200"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-describedby="what-hint"
        value="${begun}"
      />
    </p>
    <p class="soft" id="what-hint">${words.hint}</p>
    <p><button>${words.find}</button></p>
  </form>`;
}

function drawFound(frame: PageFrame, found: SearchResult): Html | null {
  const words = ledgerTextsIn(frame.language).search;
  switch (found.kind) {
    case 'nothing':
      return null;
    case 'no_run':
      return drawUnknown(words.unknownRun, words.toTry);
    case 'no_line':
      return drawUnknown(words.unknownLine, words.toTry);
    case 'no_record':
      return drawUnknown(words.unknown(found.shown), words.toTry);
    case 'records':
      return found.records.length === 0 ? drawRow(frame, found) : drawSeveral(frame, found.records);
  }
}

function drawUnknown(what: string, toTry: readonly string[]): Html {
  return html`<div class="verdict warn" role="status"><p>${what}</p></div>
    <ul>
      ${toTry.map((advice) => html`<li>${advice}</li>`)}
    </ul>`;
}

/** Draws a row that has no record, because it was rejected or because its run was purged. */
function drawRow(
  { language }: PageFrame,
  { row, purgedOn }: Extract<SearchResult, { readonly kind: 'records' }>,
): Html | null {
  if (row === null) return null;
  const texts = ledgerTextsIn(language);
  const { classes } = recordTextsIn(language);
  const page = pageTextsIn(language);
  const told = classes[row.class];
  return html`<div class="verdict warn" role="status">
      <p>${purgedOn === null ? texts.search.noRecord : texts.search.purged(purgedOn)}</p>
    </div>
    ${drawFacts([
      [page.facts.run, html`<a href="/runs/${row.run_id}">${row.run_id}</a>`],
      [texts.record.line, row.line],
      [page.classes.class, html`${told.name} <small>${told.meaning}</small>`],
      ...(row.message === null ? [] : [[page.rejections.reason, row.message] as const]),
      [page.classes.toDo, told.toDo],
    ])}`;
}

/** Draws several records by their numbers, which are no secret. */
function drawSeveral(frame: PageFrame, records: readonly RecordRow[]): Html {
  const { language } = frame;
  const texts = ledgerTextsIn(language);
  const page = pageTextsIn(language);
  const formats = createFormats(language, 'UTC');
  return html`<p role="status">${texts.search.several(formats.number(records.length))}</p>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.record.member}</th>
          <th scope="col">PAR</th>
          <th scope="col">${page.facts.provider}</th>
          <th scope="col">${texts.record.now}</th>
          <th scope="col">${texts.search.show}</th>
        </tr>
      </thead>
      <tbody>
        ${records.map(
          (record) =>
            html`<tr>
              <th scope="row"><code>${maskId(record.user_id)}</code></th>
              <td data-label="PAR"><code>${maskId(record.par)}</code></td>
              <td data-label="${page.facts.provider}">${record.provider}</td>
              <td data-label="${texts.record.now}">${classNameOf(record, language)}</td>
              <td>
                <form method="post" action="/search">
                  ${drawToken(frame)}<input type="hidden" name="record" value="${record.record_no}" />
                  <button
                    class="plain"
                    aria-label="${texts.search.show}: ${maskId(record.user_id)} ${maskId(record.par)}"
                  >
                    ${texts.search.show}
                  </button>
                </form>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** Returns the words for a record's class. */
export function classNameOf(
  { class: is }: Pick<RecordRow, 'class'>,
  language: PageFrame['language'],
): string {
  return is === 'pending'
    ? ledgerTextsIn(language).record.neverCalled
    : recordTextsIn(language).classes[is].name;
}
