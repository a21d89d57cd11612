import { isRowClass } from '../../domain/class.ts';
import { maskId } from '../../domain/identity/masking.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { BreakRow } from '../../ledger/breaks/break-table.ts';
import type { AttemptRow } from '../../ledger/runs/attempt-table.ts';
import type { RecordListing } from '../../ledger/runs/enrollment-table.ts';
import { html, type Fragment, type Html } from '../../report/html/html.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { lifeTextsIn } from '../../report/life/life-texts-in.ts';
import type { Life } from '../../report/life/record-life.ts';
import { ruleOf } from '../../report/life/record-outlook.ts';
import { createFormats, type Formats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import type { PageTexts } from '../../report/texts/page-texts.ts';
import { meaningOfCode, type RecordTexts } from '../../report/texts/record-texts.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import type { LedgerTexts } from '../texts/ledger-texts.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';
import { classNameOf } from './search-page.ts';

/** Cuts a longer message of the provider. */
const LONGEST_MESSAGE = 300;

/** The content that each section of the page is drawn from. */
interface LifeContent {
  readonly language: PageFrame['language'];
  readonly life: Life;
  readonly texts: LedgerTexts;
  readonly words: RecordTexts;
  readonly page: PageTexts;
  readonly formats: Formats;
}

/**
 * Draws the whole life of one record, with its ids masked wherever they occur. `served` names the jobs whose runs have
 * a page.
 */
export function drawRecordPage(frame: PageFrame, life: Life, served: readonly string[]): string {
  const { language } = frame;
  const content: LifeContent = {
    language,
    life,
    texts: ledgerTextsIn(language),
    words: recordTextsIn(language),
    page: pageTextsIn(language),
    formats: createFormats(language, life.timeZone),
  };
  const { record, search } = content.texts;
  return drawDeskPage(frame, {
    heading: record.heading,
    content: html`${drawNow(content)}
      <h2>${record.rows}</h2>
      ${drawListings(content, served)}
      <h2>${record.callList}</h2>
      ${drawCalls(content)} ${drawSettled(content)} ${drawRecordBreaks(content)}
      <p class="actions"><a class="button" href="/search">${search.another}</a></p>
      <p class="soft">${record.masked}</p>`,
  });
}

function drawNow({ language, life, texts, words, page }: LifeContent): Html {
  const { record, outlook } = life;
  const { attempts, unanswered, nights } = record;
  return drawFacts([
    [texts.record.member, html`<code>${maskId(record.user_id)}</code>`],
    ['PAR', html`<code>${maskId(record.par)}</code>`],
    [page.facts.provider, record.provider],
    [texts.record.now, html`<b>${classNameOf(record, language)}</b> ${drawCode(record, words)}`],
    [texts.record.calls, lifeTextsIn(language).calls(attempts, unanswered, nights)],
    [page.classes.who, words.actors[outlook.whoMustAct]],
    [texts.record.next, outlook.next],
  ]);
}

/** Draws a code, its meaning, and the message the provider sent with it. */
function drawCode(
  { code, message }: { readonly code: string | null; readonly message: string | null },
  words: RecordTexts,
): Html {
  const meaning =
    code === null
      ? null
      : html`<small><code>${cleanUntrustedText(code)}</code> ${meaningOfCode(code, words)}</small>`;
  const wrote = cleanUntrustedText(message ?? '', LONGEST_MESSAGE);
  return html`${meaning}${wrote === '' ? null : html`<small lang="en">${wrote}</small>`}`;
}

/** Returns whether the run belongs to a served job; a run's id contains the job's name. */
function isOf(served: readonly string[], runId: string): boolean {
  return served.some((job) => runId.slice(17, -5) === job);
}

function drawListings({ life, texts, words, page, formats }: LifeContent, served: readonly string[]): Html {
  if (life.listings.length === 0) return html`<p>${texts.record.noRows}</p>`;
  const drawRow = (listing: RecordListing): Html => {
    const name = words.classes[listing.class].name;
    const kept = listing.kept ? html` <small>${texts.record.kept}</small>` : null;
    const run = isOf(served, listing.run_id)
      ? html`<a href="/runs/${listing.run_id}">${listing.run_id}</a>`
      : html`${listing.run_id}`;
    return html`<tr>
      <th scope="row">${run}</th>
      <td data-label="${texts.record.line}">${formats.number(listing.line)}</td>
      <td data-label="${page.classes.class}">${name}${kept} ${drawCode(listing, words)}</td>
    </tr>`;
  };
  return drawTable(
    [html`${page.facts.run}`, html`${texts.record.line}`, html`${page.classes.class}`],
    life.listings.map(drawRow),
  );
}

function drawCalls({ language, life, texts, words, page, formats }: LifeContent): Html {
  const labels = texts.record;
  if (life.attempts.length === 0) return html`<p>${labels.noCalls}</p>`;
  const drawCall = (attempt: AttemptRow): Html => {
    const { http_status: status, latency_ms: latency, answer_correlation_id: other, outcome } = attempt;
    const answer = status === null ? labels.noAnswer : `HTTP ${status}`;
    const took = latency === null ? null : html` <small>${formats.duration(Math.max(1, latency))}</small>`;
    const foreign = other === null ? null : html` <small><code>${other}</code></small>`;
    const is = isRowClass(outcome) ? words.classes[outcome].name : outcome;
    const said = { code: attempt.code, message: attempt.message ?? attempt.error };
    return html`<tr>
      <th scope="row">
        ${formats.dateTime(attempt.sent_at)}
        <small
          ><code>${attempt.correlation_id}</code
          >${attempt.call === 'plans' ? ` ${labels.inquiry}` : ''}</small
        >
      </th>
      <td data-label="${labels.answer}">${answer}${took}${foreign}</td>
      <td data-label="${page.classes.class}">${is} ${drawCode(said, words)} ${drawRaw(attempt, labels)}</td>
      <td data-label="${labels.rule}">${ruleOf(attempt, life.rules, language)}</td>
    </tr>`;
  };
  return drawTable(
    [html`${labels.at}`, html`${labels.answer}`, html`${page.classes.class}`, html`${labels.rule}`],
    life.attempts.map(drawCall),
  );
}

/** Draws the provider's raw answer where its code has no known meaning. */
function drawRaw({ raw_reply: raw, code, outcome }: AttemptRow, labels: LedgerTexts['record']): Html | null {
  const needsReading = code === null || outcome === 'unknown_code';
  if (raw === null || raw === '' || !needsReading) return null;
  return html`<small>${labels.wrote} <code lang="en">${raw.slice(0, LONGEST_MESSAGE)}</code></small>`;
}

function drawSettled({ life, texts, formats }: LifeContent): Html | null {
  if (life.resolutions.length === 0) return null;
  const labels = texts.record;
  return html`<h2>${labels.settled}</h2>
    <ul>
      ${life.resolutions.map(
        (one) =>
          html`<li>
            ${one.note}
            <small>
              ${labels.by(one.resolved_by, formats.dateTime(one.resolved_at))}:
              ${one.in_force ? labels.inForce : labels.ended}
            </small>
          </li>`,
      )}
    </ul>`;
}

function drawRecordBreaks({ life, texts, words, page, formats }: LifeContent): Html | null {
  if (life.breaks.length === 0) return null;
  const drawToDo = ({ kind, state }: BreakRow): string =>
    state === 'open' ? `${page.classes.toDo}: ${words.breakKinds[kind].toDo}` : '';
  return html`<h2>${texts.record.breaks}</h2>
    <ul>
      ${life.breaks.map(
        (one) =>
          html`<li>
            <a href="/breaks/${one.break_no}">${words.breakKinds[one.kind].name}</a>
            (${words.breakStates[one.state]})
            <small>${texts.record.firstNight} ${formats.date(one.first_night)}. ${drawToDo(one)}</small>
          </li>`,
      )}
    </ul>`;
}

function drawTable(columns: readonly Fragment[], rows: readonly Html[]): Html {
  return html`<table class="stack">
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
