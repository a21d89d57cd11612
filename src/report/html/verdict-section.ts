import { listNeeds, type Need } from '../../domain/work.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { tellEnd } from '../texts/cause-texts.ts';
import { tellNightRemarks } from '../texts/night-remarks.ts';
import { tellVerdict } from '../texts/verdict-texts.ts';
import type { Summary } from '../summary.ts';
import { toneOf, type VerdictTone } from '../verdict.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

const marks: Readonly<Record<VerdictTone, string>> = { good: '✓', warn: '!', bad: '✕' };

/** A verdict in a few words, with a sign for those who can't tell its colour. */
export function drawSign(tone: VerdictTone, sign: string): Html {
  return html`<strong><span aria-hidden="true">${marks[tone]}</span> ${sign}</strong>`;
}

/** Did it work: a sign, a colour and a sentence, what its end asks for, and how many rows wait for whom. */
export function drawVerdict(content: PageContent): Html {
  const { facts, page, language } = content;
  const { verdict, exitReason, exitCode } = facts.summary;
  const told = tellVerdict(verdict, language);
  const cause = verdict.kind === 'broken' ? null : tellEnd(facts.summary, language);
  return html`<div class="verdict ${toneOf(verdict)}">
      ${drawSign(toneOf(verdict), told.sign)}
      <p>${told.sentence}</p>
      ${cause === null ? null : html`<p>${cause}</p>`}
    </div>
    ${verdict.kind === 'broken' ? null : drawNeeds(facts.summary, content)}
    ${tellNightRemarks(facts.summary, language).map((remark) => html`<p>${remark}</p>`)}
    ${exitReason === null ? null : html`<p class="soft">${page.reason} <span lang="en">${maskIdsInText(exitReason)} (exit ${exitCode})</span></p>`}`;
}

type NeedTexts = Pick<PageContent, 'words' | 'page' | 'formats'>;

function drawNeeds({ work, actorOfEnd }: Summary, texts: NeedTexts): Html {
  const { page } = texts;
  const waiting = drawNeedList(listNeeds(work, actorOfEnd), texts);
  if (waiting === null) return html`<p>${page.workByActor}: ${page.nobodysWork}</p>`;
  return html`<p>${page.workByActor}:</p>
    ${waiting}`;
}

/** Who must act: because of the end itself, then on how many rows. Null: nobody. */
export function drawNeedList(needs: readonly Need[], { words, page, formats }: NeedTexts): Html | null {
  if (needs.length === 0) return null;
  return html`<ul class="work">
    ${needs.map(({ actor, rows: count, becauseOfEnd }) => {
      const rows = count === 0 ? [] : [html`<b>${page.rows(formats.number(count))}</b>`];
      const end = becauseOfEnd ? [html`${page.becauseOfEnd}`] : [];
      return html`<li>
        ${words.actors[actor]}
        ${[...end, ...rows].flatMap((part, at) => (at === 0 ? [part] : [html`, `, part]))}
      </li>`;
    })}
  </ul>`;
}
