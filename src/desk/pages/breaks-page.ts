import { maskId, maskIdsInOurText } from '../../domain/identity/masking.ts';
import { nightsBetween } from '../../domain/night.ts';
import { ageBucketOf, ageBuckets, breakKinds, type BreakKind } from '../../domain/reconciliation/break.ts';
import type { BreakRow } from '../../ledger/breaks/break-table.ts';
import type { OpenBreaksOfNight } from '../../ledger/breaks/open-breaks.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';

export const BREAKS_A_PAGE = 50;

type CountedKind = Pick<OpenBreaksOfNight, 'kind' | 'night' | 'breaks'>;

/** Draws how many breaks of each kind are open, and for how long. `tonight` is a date in the form yyyy-MM-dd. */
export function drawBreaksPage(frame: PageFrame, counted: readonly CountedKind[], tonight: string): string {
  const { language } = frame;
  const words = ledgerTextsIn(language).breaks;
  const page = pageTextsIn(language).breaks;
  const texts = recordTextsIn(language);
  const formats = createFormats(language, 'UTC');
  const drawKind = (kind: BreakKind): Html | null => {
    const ofKind = counted.filter((one) => one.kind === kind);
    if (ofKind.length === 0) return null;
    const told = texts.breakKinds[kind];
    const ages = ageBuckets.flatMap((bucket) => {
      const breaks = sumOf(ofKind.filter(({ night }) => ageOf(night, tonight) === bucket));
      return breaks === 0 ? [] : [html`<li>${texts.ages[bucket]}: <b>${formats.number(breaks)}</b></li>`];
    });
    return html`<tr>
      <th scope="row"><a href="/breaks/${kind}">${told.name}</a> <small>${told.meaning}</small></th>
      <td class="figure" data-label="${words.open}">${formats.number(sumOf(ofKind))}</td>
      <td data-label="${page.ages}">
        <ul class="lines">
          ${ages}
        </ul>
      </td>
      <td data-label="${page.toDo}">${told.toDo}</td>
    </tr>`;
  };
  const table = html`<table class="stack">
    <thead>
      <tr>
        <th scope="col">${page.kind}</th>
        <th scope="col" class="figure">${words.open}</th>
        <th scope="col">${page.ages}</th>
        <th scope="col">${page.toDo}</th>
      </tr>
    </thead>
    <tbody>
      ${breakKinds.map(drawKind)}
    </tbody>
  </table>`;
  return drawDeskPage(frame, {
    heading: words.heading,
    content: counted.length === 0 ? html`<p>${words.none}</p>` : table,
  });
}

export interface KindPage {
  readonly kind: BreakKind;
  /** Contains one break more than a page shows where there are further ones. */
  readonly found: readonly BreakRow[];
  /** The number of the break before the first of these; 0 where they are the first. */
  readonly after: number;
}

/** Draws the open breaks of one kind, masked, oldest first. */
export function drawBreaksOfKindPage(
  frame: PageFrame,
  { kind, found, after }: KindPage,
  tonight: string,
): string {
  const { language } = frame;
  const words = ledgerTextsIn(language).breaks;
  const texts = recordTextsIn(language);
  const told = texts.breakKinds[kind];
  const shown = found.slice(0, BREAKS_A_PAGE);
  const last = found.length > BREAKS_A_PAGE ? shown.at(-1) : undefined;
  const none = html`<p>${after === 0 ? words.none : words.noMore}</p>`;
  return drawDeskPage(frame, {
    heading: told.name,
    content: html`<p>${told.meaning} ${told.toDo}</p>
      ${shown.length === 0 ? none : drawList(frame, shown, tonight)}
      <p class="actions">
        <a href="/breaks">${words.back}</a>
        ${after === 0 ? null : html`<a href="/breaks/${kind}">${words.first}</a>`}
        ${last === undefined ? null : html`<a href="/breaks/${kind}?after=${last.break_no}">${words.more}</a>`}
      </p>`,
  });
}

function drawList({ language }: PageFrame, shown: readonly BreakRow[], tonight: string): Html {
  const texts = ledgerTextsIn(language);
  const { ages } = recordTextsIn(language);
  const words = texts.breaks;
  return html`<table class="stack">
    <thead>
      <tr>
        <th scope="col">${words.number}</th>
        <th scope="col">${texts.record.member}</th>
        <th scope="col">PAR</th>
        <th scope="col">${words.details}</th>
        <th scope="col">${words.age}</th>
      </tr>
    </thead>
    <tbody>
      ${shown.map(
        (row) =>
          html`<tr>
            <th scope="row"><a href="/breaks/${row.break_no}">${words.one(String(row.break_no))}</a></th>
            <td data-label="${texts.record.member}">${drawId(row.user_id)} ${drawId(row.other_user_id)}</td>
            <td data-label="PAR">${drawId(row.par)} ${drawId(row.other_par)}</td>
            <td data-label="${words.details}" lang="en">${maskIdsInOurText(row.details ?? '')}</td>
            <td data-label="${words.age}">${ages[ageOf(row.first_night, tonight)]}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function drawId(id: string | null): Html | null {
  return id === null ? null : html`<code>${maskId(id)}</code>`;
}

function ageOf(night: string, tonight: string): (typeof ageBuckets)[number] {
  return ageBucketOf(nightsBetween(night, tonight));
}

function sumOf(counted: readonly CountedKind[]): number {
  return counted.reduce((sum, { breaks }) => sum + breaks, 0);
}
