import { rowClasses, type RowClass } from '../../domain/class.ts';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { wallTime } from '../../domain/time/wall-time.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { UploadRow } from '../../ledger/desk/upload-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { parseKeptPlan, type KeptPlan } from '../../run/telling/kept-plan.ts';
import { tellListRead } from '../../run/telling/list-words.ts';
import { tellCalls, tellGuards, tellHistory } from '../../run/telling/plan-words.ts';
import { drawApproval, drawVoided } from './approval-section.ts';
import { drawActions, drawButton, type PageFrame } from './desk-page.ts';
import { drawRejectedRows } from './rejected-page.ts';

/** Draws how the list was read and what its run would do, as `plan` tells it, and the choices that follow. */
export function drawPlan(frame: PageFrame, upload: UploadRow): Html {
  const { texts } = frame;
  const kept = parseKeptPlan(upload.plan);
  const withdraw = drawButton(frame, `/uploads/${upload.id}/withdraw`, texts.plan.withdraw, 'plain');
  if (kept === null)
    return html`<p>${texts.plan.old}</p>
      ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/again`, texts.plan.again), withdraw)}`;
  const { plan } = kept;
  const isUnusual = plan.size.isUnusual && !kept.words.saidYes;
  const calls = createFormats(frame.language, kept.words.timeZone).number(plan.due);
  const start = isUnusual
    ? drawButton(frame, `/uploads/${upload.id}/pass`, texts.plan.pass)
    : drawButton(
        frame,
        `/uploads/${upload.id}/start`,
        plan.due === 0 ? texts.plan.startNothing : texts.plan.start(calls),
      );
  if (upload.needs_approval && !isUnusual)
    return html`${drawVoided(frame, upload)} ${drawReading(frame, upload, kept)}
    ${drawApproval(frame, upload, plan.due)} ${drawRejected(frame, kept)}`;
  return html`${drawVoided(frame, upload)} ${drawReading(frame, upload, kept)}
    <p class="soft">${texts.plan.afterStart}</p>
    ${isUnusual ? html`<p class="wrong">${texts.plan.unusual}</p>` : null}
    ${drawActions(frame, start, withdraw)} ${drawRejected(frame, kept)}`;
}

function drawReading(frame: PageFrame, upload: UploadRow, { job, plan, words }: KeptPlan): Html {
  const { language, texts } = frame;
  const formats = createFormats(language, words.timeZone);
  const [read = '', ...more] = tellListRead(plan.list, language);
  const readAt = upload.planned_at === null ? null : wallTime(upload.planned_at, words.timeZone);
  const duration = (seconds: number): string => formats.duration(seconds * 1_000);
  const sentences = [
    ...tellCalls(plan, words, { language, duration, ...(readAt === null ? {} : { readAt }) }),
    ...tellHistory(plan, words, language),
    ...tellGuards(plan, words, language),
  ];
  return html`<h2>${texts.plan.heading}</h2>
    ${plan.list.handedBack ? html`<p><b>${texts.plan.ours(job)}</b></p>` : null}
    <p>${maskIdsInText(read)}</p>
    ${
      more.length === 0
        ? null
        : html`<ul>
            ${more.map((sentence) => html`<li>${maskIdsInText(sentence)}</li>`)}
          </ul>`
    }
    <h2>${texts.plan.calls}</h2>
    ${drawClasses(frame, plan)} ${sentences.map((sentence) => html`<p>${maskIdsInText(sentence)}</p>`)}`;
}

/** Draws the rows by class as they would be before the first call, and their sum. */
function drawClasses({ language, texts }: PageFrame, { classes, list }: KeptPlan['plan']): Html {
  const words = recordTextsIn(language);
  const page = pageTextsIn(language);
  const formats = createFormats(language, 'UTC');
  const present = rowClasses.filter((name) => classes[name] > 0);
  const nameOf = (name: RowClass): string =>
    name === 'unprocessed' ? texts.plan.toCall : words.classes[name].name;
  const sum = sumOfClasses(classes);
  return html`<p class="equation">
    <span>${page.totals.rowsRead} <b>${formats.number(list.rowsRead)}</b></span>
    ${sum === list.rowsRead ? '=' : '≠'}
    ${
      present.length === 0
        ? html`<b>0</b>`
        : present.map(
            (name, at) =>
              html`${at === 0 ? '' : ' + '}<span
                  >${nameOf(name)} <b>${formats.number(classes[name])}</b></span
                >`,
          )
    }
  </p>`;
}

/** Draws the first rejected rows, in the order of the list. */
function drawRejected({ language }: PageFrame, { plan }: KeptPlan): Html | null {
  if (plan.rejections.length === 0) return null;
  const words = pageTextsIn(language).rejections;
  const formats = createFormats(language, 'UTC');
  const rows = plan.rejections.reduce((sum, one) => sum + one.rows, 0);
  const more = rows - plan.firstRejected.length;
  return html`<h2>${words.heading}</h2>
    ${drawRejectedRows({ language }, plan.firstRejected)}
    ${more === 0 ? null : html`<p class="soft">${words.more(formats.number(more))}</p>`}`;
}
