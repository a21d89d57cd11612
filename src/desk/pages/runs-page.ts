import type { RunRow } from '../../ledger/runs/run-table.ts';
import { readStoredWork } from '../../ledger/proofs/stored-proofs.ts';
import { listNeeds } from '../../domain/work.ts';
import { html, type Html } from '../../report/html/html.ts';
import { drawNeedList, drawSign } from '../../report/html/verdict-section.ts';
import { zoneOfRun } from '../../report/report-settings.ts';
import { readStoredVerdict } from '../../report/stored-verdict.ts';
import { tellEnd } from '../../report/texts/cause-texts.ts';
import { createFormats, type Formats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { tellVerdict } from '../../report/texts/verdict-texts.ts';
import { actorOfEnd, toneOf } from '../../report/verdict.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';

export const RUNS_A_PAGE = 50;

/**
 * Draws runs, newest first. Each shows only what its own row holds, so that the page reads no row of a list. `runs`
 * contains one run more than a page shows where there are older ones.
 */
export function drawRunsPage(frame: PageFrame, runs: readonly RunRow[], isLater: boolean): string {
  const { language } = frame;
  const words = ledgerTextsIn(language).runs;
  const page = pageTextsIn(language);
  const shown = runs.slice(0, RUNS_A_PAGE);
  const list =
    shown.length === 0
      ? html`<p>${isLater ? words.noOlder : words.none}</p>`
      : html`<table class="stack">
          <thead>
            <tr>
              <th scope="col">${page.facts.list}</th>
              <th scope="col">${page.facts.state}</th>
              <th scope="col" class="figure">${page.classes.rows}</th>
              <th scope="col">${page.workByActor}</th>
              <th scope="col">${words.began}, ${words.ended}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((run) => drawRun(run, frame))}
          </tbody>
        </table>`;
  const last = runs.length > RUNS_A_PAGE ? shown.at(-1) : undefined;
  return drawDeskPage(frame, {
    heading: words.heading,
    content: html`${list}
      <p class="actions">
        ${isLater ? html`<a href="/runs">${words.newest}</a>` : null}
        ${last === undefined ? null : html`<a href="/runs?before=${last.run_no}">${words.older}</a>`}
      </p>`,
  });
}

function drawRun(run: RunRow, { language }: PageFrame): Html {
  const words = ledgerTextsIn(language).runs;
  const page = pageTextsIn(language);
  const formats = createFormats(language, zoneOfRun(run));
  const ended = run.finished_at === null ? words.underWay : formats.dateTime(run.finished_at);
  return html`<tr>
    <th scope="row"><a href="/runs/${run.id}">${run.list_name}</a> <small>${run.job}</small></th>
    <td data-label="${page.facts.state}">${drawState(run, language)}</td>
    <td class="figure" data-label="${page.classes.rows}">${formats.number(run.rows_read)}</td>
    <td>${drawRunNeeds(run, language, formats)}</td>
    <td>
      <small>${words.began}</small>${formats.dateTime(run.started_at)} <small>${words.ended}</small>${ended}
    </td>
  </tr>`;
}

/** Draws the verdict where it is known, and always how the run ended, in the terminal's words. */
function drawState(run: RunRow, language: PageFrame['language']): Html {
  const page = pageTextsIn(language);
  const verdict = readStoredVerdict(run);
  const exit =
    run.exit_code === null
      ? null
      : html` <small lang="en"
          >exit ${run.exit_code}${run.exit_cause === null ? '' : ` ${run.exit_cause}`}</small
        >`;
  const why = actorOfEnd(run.exit_cause) === null ? null : tellEnd(toldEndOf(run), language);
  const sign =
    verdict === null
      ? html`<strong>${page.runStates[run.state]}</strong>`
      : html`<span class="${toneOf(verdict)}"
          >${drawSign(toneOf(verdict), tellVerdict(verdict, language).sign)}</span
        >`;
  return html`${sign}${exit}${why === null ? null : html` <small>${why}</small>`}`;
}

/**
 * Draws who must act, as counted when the run ended. Returns null where nothing was counted, as for a run without an
 * end.
 */
function drawRunNeeds(run: RunRow, language: PageFrame['language'], formats: Formats): Html | null {
  const work = readStoredWork(run);
  const forEnd = actorOfEnd(run.exit_cause);
  if (work === null && forEnd === null) return null;
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language), formats };
  return drawNeedList(listNeeds(work ?? [], forEnd), texts) ?? html`${texts.page.nobodysWork}`;
}

export function toldEndOf({ state, exit_cause: exitCause }: RunRow): {
  readonly state: RunRow['state'];
  readonly exitCause: RunRow['exit_cause'];
} {
  return { state, exitCause };
}
