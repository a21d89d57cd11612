import { neededActors, needsOf } from '../../domain/work.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { tellEnd } from '../texts/cause-texts.ts';
import { tellNightRemarks } from '../texts/night-remarks.ts';
import { tellVerdict } from '../texts/verdict-texts.ts';
import { toneOf, type VerdictTone } from '../verdict.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

const marks: Readonly<Record<VerdictTone, string>> = { good: '✓', warn: '!', bad: '✕' };

/** Did it work: a sign, a colour and a sentence, what its end asks for, and how many rows wait for whom. */
export function drawVerdict(content: PageContent): Html {
  const { facts, page, language } = content;
  const { verdict, exitReason, exitCode } = facts.summary;
  const told = tellVerdict(verdict, language);
  const tone = toneOf(verdict);
  const cause = verdict.kind === 'broken' ? null : tellEnd(facts.summary, language);
  return html`<div class="verdict ${tone}">
      <strong><span aria-hidden="true">${marks[tone]}</span> ${told.sign}</strong>
      <p>${told.sentence}</p>
      ${cause === null ? null : html`<p>${cause}</p>`}
    </div>
    ${verdict.kind === 'broken' ? null : drawNeeds(content)}
    ${tellNightRemarks(facts.summary, language).map((remark) => html`<p>${remark}</p>`)}
    ${exitReason === null ? null : html`<p class="soft">${page.reason} <span lang="en">${maskIdsInText(exitReason)} (exit ${exitCode})</span></p>`}`;
}

/** Who must act: because of the end itself first, then on how many rows. */
function drawNeeds({ facts, words, page, formats }: PageContent): Html {
  const { work, actorOfEnd } = facts.summary;
  const needs = needsOf(work);
  const waiting = neededActors.flatMap((actor) => {
    const isForEnd = actor === actorOfEnd;
    if (needs[actor] === 0 && !isForEnd) return [];
    const rows = needs[actor] === 0 ? [] : [html`<b>${page.rows(formats.number(needs[actor]))}</b>`];
    const end = isForEnd ? [html`${page.becauseOfEnd}`] : [];
    return [
      html`<li>
        ${words.actors[actor]}
        ${[...end, ...rows].flatMap((part, at) => (at === 0 ? [part] : [html`, `, part]))}
      </li>`,
    ];
  });
  if (waiting.length === 0) return html`<p>${page.workByActor}: ${page.nobodysWork}</p>`;
  return html`<p>${page.workByActor}:</p>
    <ul class="work">
      ${waiting}
    </ul>`;
}
