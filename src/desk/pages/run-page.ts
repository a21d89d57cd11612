import { rowClasses } from '../../domain/class.ts';
import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createPageContent, drawHead, drawStory } from '../../report/html/page.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { zoneOfRun } from '../../report/report-settings.ts';
import { tellEnd } from '../../report/texts/cause-texts.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import type { ToldStory } from '../runs/run-stories.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';
import type { LiveFigures } from '../server/desk-options.ts';
import { drawFigures } from './progress-section.ts';
import { drawFiles, type ResultFiles } from './files-section.ts';
import { ASK_AGAIN_SECONDS, drawLate } from './progress-section.ts';
import { drawRejectedLink } from './rejected-page.ts';
import { toldEndOf } from './runs-page.ts';
import { drawSearchForm } from './search-page.ts';

/** The page of a run without an end reloads itself after this many seconds. */
const LOOK_AGAIN_SECONDS = 15;

export interface ShownRun {
  /** Null while the story is being read. */
  readonly told: ToldStory | null;
  /** What the run's process reports; null where none does, and for a run that has ended. */
  readonly figures: LiveFigures | null;
  readonly files: ResultFiles;
  /** Whether corrected failures of the run can be handed back at this desk. */
  readonly handsBack: boolean;
}

/** Draws the page of one run: what its report tells, or its progress where it has not ended. */
export function drawRunPage(frame: PageFrame, run: RunRow, shown: ShownRun): string {
  const { language } = frame;
  const isUnderWay = shown.told?.story.kind === 'unfinished' || run.state === 'staging';
  const reloads = shown.told === null ? ASK_AGAIN_SECONDS : LOOK_AGAIN_SECONDS;
  const back = html`<p class="screen"><a href="/runs">${ledgerTextsIn(language).runs.back}</a></p>`;
  return drawDeskPage(frame, {
    heading: run.list_name,
    content: html`${drawBody(frame, run, shown)} ${back}`,
    ...(shown.told === null || isUnderWay ? { reloads } : {}),
  });
}

function drawBody(frame: PageFrame, run: RunRow, { told, figures, files, handsBack }: ShownRun): Html {
  if (told === null) return drawLate(frame);
  const { story, at } = told;
  const { language } = frame;
  const words = ledgerTextsIn(language).run;
  if (story.kind === 'ended') {
    const content = createPageContent(story.facts, { language, timeZone: zoneOfRun(run) });
    const isPurged = run.purge_began_at !== null;
    return html`${drawHead(content)} ${drawLinks(frame, run, story.facts.classes)} ${drawLookUp(frame, run)}
      ${drawSentences(words.brokenNow, story.broken)} ${drawStory(content)}
      ${drawSentences(words.unproved, story.said)}
      ${drawFiles(frame, { address: `/runs/${run.id}`, files, isPurged, handsBack })}
      <p class="soft screen">${words.folder(content.formats.dateTime(at))}</p>
      <p class="paper">${content.page.masked}</p>`;
  }
  const progress = story.kind === 'unfinished' ? drawProgress(frame, run, story.classes) : null;
  const isWorkedOn = ['staging', 'dispatching', 'reporting'].includes(run.state);
  return html`${drawUnended(run, frame)} ${isWorkedOn ? drawFigures(frame, figures) : null} ${progress}
  ${run.state === 'refused' ? null : html`<p class="actions"><a class="button" href="/runs/${run.id}">${words.lookAgain}</a></p>`}`;
}

/** Draws links to the files and to all rejected rows. */
function drawLinks(frame: PageFrame, run: RunRow, { rejected }: ClassCounts): Html {
  return html`<p class="actions"><a href="#files">${frame.texts.result.files}</a></p>
    ${drawRejectedLink(frame, run.id, rejected)}`;
}

/** Draws a form that finds one row of the run: a person types the row's line behind the run's id. */
function drawLookUp(frame: PageFrame, run: RunRow): Html {
  const texts = ledgerTextsIn(frame.language);
  return html`<details>
    <summary>${texts.run.lookUp}</summary>
    ${drawSearchForm(frame, `${run.id}:`)}
  </details>`;
}

/** Draws sentences that exist in English only, as the program logs them. */
function drawSentences(about: string, sentences: readonly string[]): Html | null {
  if (sentences.length === 0) return null;
  return html`<p>${about}</p>
    <ul lang="en">
      ${sentences.map((sentence) => html`<li>${maskIdsInText(sentence)}</li>`)}
    </ul>`;
}

function drawUnended(run: RunRow, { language }: PageFrame): Html {
  const page = pageTextsIn(language);
  const formats = createFormats(language, zoneOfRun(run));
  const why = tellEnd(toldEndOf(run), language);
  const reason = run.exit_reason;
  return html`${drawFacts([
    [page.facts.job, run.job],
    [page.facts.provider, run.provider],
    [page.facts.state, page.runStates[run.state]],
    [ledgerTextsIn(language).runs.began, formats.dateTime(run.started_at)],
    [page.facts.run, html`<code>${run.id}</code>`],
  ])}
  ${why === null ? null : html`<div class="verdict warn"><p>${why}</p></div>`}
  ${reason === null ? null : html`<p class="soft">${page.reason} <span lang="en">${maskIdsInText(reason)} (exit ${run.exit_code})</span></p>`}`;
}

/** Draws the number of rows in each class so far; rows without a class do not count. */
function drawProgress({ language }: PageFrame, run: RunRow, classes: ClassCounts): Html {
  const words = ledgerTextsIn(language).run;
  const page = pageTextsIn(language);
  const record = recordTextsIn(language);
  const formats = createFormats(language, zoneOfRun(run));
  const rows = run.rows_read ?? sumOfClasses(classes);
  const done = sumOfClasses(classes) - classes.unprocessed;
  const shown = rowClasses.filter((name) => classes[name] > 0);
  return html`<h2>${words.soFar}</h2>
    <p>${words.results(formats.number(done), formats.number(rows))}</p>
    <table>
      <thead>
        <tr>
          <th scope="col">${page.classes.class}</th>
          <th scope="col" class="figure">${page.classes.rows}</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (name) =>
            html`<tr>
              <th scope="row">${record.classes[name].name}</th>
              <td class="figure">${formats.number(classes[name])}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}
