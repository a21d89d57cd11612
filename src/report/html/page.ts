import { createHash } from 'node:crypto';
import type { Language } from '../../domain/language.ts';
import type { ReportFacts } from '../report-facts.ts';
import { createFormats } from '../texts/formats.ts';
import { pageTextsIn } from '../texts/page-texts-in.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { drawClasses, drawCodes } from './classes-section.ts';
import { drawBreaks, drawDifference, drawFailing } from './differences-section.ts';
import { Html, html } from './html.ts';
import type { PageContent } from './page-content.ts';
import { drawRejections } from './rejections-section.ts';
import { drawCourse, drawFacts, drawHashes, drawSettings, drawSpeed } from './run-section.ts';
import { STYLE } from './style.ts';
import { drawTotals } from './totals-section.ts';
import { drawVerdict } from './verdict-section.ts';

export interface PageOptions {
  readonly language: Language;
  readonly timeZone: string;
}

/**
 * Draws report.html: one file without any outside resources, in the order of a finance person's questions. It depends
 * only on the facts, so it is the same whenever it is made.
 */
export function drawReportPage(facts: ReportFacts, { language, timeZone }: PageOptions): string {
  const content = createPageContent(facts, { language, timeZone });
  const { page } = content;
  // Allow only this style, by its hash: no script, no image, nothing from outside.
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${page.title} · ${facts.run.id}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>
          <h1>${page.title}</h1>
          ${drawHead(content)} ${drawStory(content)} ${drawHashes(content)}
          <footer><p>${page.masked}</p></footer>
        </main>
      </body>
    </html> `.text;
}

export function createPageContent(facts: ReportFacts, { language, timeZone }: PageOptions): PageContent {
  return {
    language,
    facts,
    words: recordTextsIn(language),
    page: pageTextsIn(language),
    formats: createFormats(language, timeZone),
  };
}

/** What became of a run, in the order people ask. */
export function drawStory(content: PageContent): Html {
  return html`${drawVerdict(content)} ${drawDetails(content)}`;
}

/** What the verdict rests on. */
export function drawDetails(content: PageContent): Html {
  return html`${drawTotals(content)} ${drawClasses(content)} ${drawCodes(content)} ${drawDifference(content)}
  ${drawFailing(content)} ${drawBreaks(content)} ${drawRejections(content, content.language)}
  ${drawCourse(content)} ${drawSpeed(content)} ${drawSettings(content)}`;
}

/** Which run it is, and as of when it is told. */
export function drawHead({ facts, page, formats }: PageContent): Html {
  const { run, summary, finishedAt } = facts;
  const labels = page.facts;
  return drawFacts([
    [labels.job, run.job],
    [labels.list, run.list_name],
    [labels.provider, run.provider],
    [labels.night, formats.date(run.night)],
    [labels.state, page.runStates[summary.state]],
    [labels.finished, formats.dateTime(finishedAt)],
    [labels.run, html`<code>${run.id}</code>`],
  ]);
}
