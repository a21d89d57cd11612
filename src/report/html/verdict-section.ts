import { successClasses, type Actor } from '../../domain/class.ts';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { ReportFacts } from '../report-facts.ts';
import type { VerdictKind } from '../texts/page-texts.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

const tones = {
  broken: { tone: 'bad', mark: '✕' },
  superseded: { tone: 'warn', mark: '!' },
  stopped: { tone: 'warn', mark: '!' },
  unstaged: { tone: 'warn', mark: '!' },
  empty: { tone: 'good', mark: '✓' },
  done: { tone: 'good', mark: '✓' },
  settled: { tone: 'good', mark: '✓' },
  partial: { tone: 'warn', mark: '!' },
} as const satisfies Record<VerdictKind, { tone: string; mark: string }>;

const actorOrder: readonly Actor[] = ['customer', 'list_owner', 'operations', 'developer'];

/** Did it work: a sign, a colour and a sentence, and how many rows wait for whom. */
export function drawVerdict({ facts, words, page, formats }: PageContent): Html {
  const { rows, success, duplicates } = countEnds(facts);
  const kind = judge(facts);
  const verdict = page.verdict[kind]({
    rows: formats.number(rows),
    success: formats.number(success),
    others: formats.number(rows - success - duplicates),
    duplicates: formats.number(duplicates),
  });
  const { tone, mark } = tones[kind];
  const { exitReason, exitCode } = facts.summary;
  const waiting = actorOrder.flatMap((actor) => {
    const count = facts.work.reduce((sum, work) => sum + (work.actor === actor ? work.rows : 0), 0);
    return count === 0
      ? []
      : [html`<li>${words.actors[actor]} <b>${page.rows(formats.number(count))}</b></li>`];
  });
  const work =
    waiting.length === 0
      ? html`<p>${page.workByActor}: ${page.nobodysWork}</p>`
      : html`<p>${page.workByActor}:</p>
          <ul class="work">
            ${waiting}
          </ul>`;
  return html`<div class="verdict ${tone}">
      <strong><span aria-hidden="true">${mark}</span> ${verdict.sign}</strong>
      <p>${verdict.sentence}</p>
    </div>
    ${kind === 'broken' ? null : work}
    ${exitReason === null ? null : html`<p class="soft">${page.reason} <span lang="en">${maskIdsInText(exitReason)} (exit ${exitCode})</span></p>`}`;
}

function countEnds({ classes }: ReportFacts): { rows: number; success: number; duplicates: number } {
  const success = successClasses.reduce((sum, name) => sum + classes[name], 0);
  return { rows: sumOfClasses(classes), success, duplicates: classes.duplicate };
}

function judge(facts: ReportFacts): VerdictKind {
  const { summary, run } = facts;
  const { rows, success, duplicates } = countEnds(facts);
  if (!summary.totalsAgree) return 'broken';
  if (run.rows_read === null) return 'unstaged';
  if (summary.state === 'superseded') return 'superseded';
  if (summary.state !== 'complete') return 'stopped';
  if (rows === 0) return 'empty';
  if (rows === success + duplicates) return 'done';
  // Exit 0 with rows that are not enrolled: a person has settled each of them.
  return summary.exitCode === 0 ? 'settled' : 'partial';
}
