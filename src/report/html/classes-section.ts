import { rowClasses } from '../../domain/class.ts';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { maskIdsInText, maskKnownIds } from '../../domain/identity/masking.ts';
import type { Work } from '../../domain/work.ts';
import type { AnsweredRows, GivenClass } from '../../ledger/proofs/row-groups.ts';
import { meaningOfCode } from '../texts/record-texts.ts';
import { whatToDo, whoActs } from '../texts/what-to-do.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

/** Draws the rows by class, with who must act on them and what to do. */
export function drawClasses({ facts, words, page, formats, language }: PageContent): Html {
  const texts = page.classes;
  const sum = sumOfClasses(facts.classes);
  if (sum === 0)
    return html`<h2>${texts.heading}</h2>
      <p>${texts.none}</p>`;
  const drawRow = (work: Work): Html => {
    const told = words.classes[work.class];
    const toDo = whatToDo(work, facts.summary, { words, page, language });
    return html`<tr>
      <th scope="row">
        ${told.name} <small>${told.meaning} <code>${work.class}</code></small>
      </th>
      <td class="figure" data-label="${texts.rows}">${formats.number(work.rows)}</td>
      <td class="figure" data-label="${texts.share}">${formats.percent(work.rows / sum)}</td>
      <td class="word" data-label="${texts.who}">${whoActs(work, facts.summary, words)}</td>
      <td data-label="${texts.toDo}">${toDo}</td>
    </tr>`;
  };
  return html`<h2>${texts.heading}</h2>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.class}</th>
          <th scope="col" class="figure">${texts.rows}</th>
          <th scope="col" class="figure">${texts.share}</th>
          <th scope="col">${texts.who}</th>
          <th scope="col">${texts.toDo}</th>
        </tr>
      </thead>
      <tbody>
        ${facts.summary.work.map(drawRow)}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">${texts.sum}</th>
          <td class="figure" data-label="${texts.rows}">${formats.number(sum)}</td>
          <td></td>
          <td></td>
          <td></td>
        </tr>
      </tfoot>
    </table>`;
}

/** Longer messages are cut; results.csv has them whole. */
const LONGEST_MESSAGE = 160;

/** Draws the rows by the provider's answer. Its messages are untrusted: they are masked, cut and escaped. */
export function drawCodes(content: PageContent): Html {
  const { facts, words, page, formats } = content;
  const texts = page.codes;
  const given = facts.summary.givenClasses.map((one) => drawGiven(one, content));
  if (facts.answers.length === 0)
    return html`<h2>${texts.heading}</h2>
      <p>${texts.none}</p>
      ${given}`;
  const drawRow = (answer: AnsweredRows): Html => {
    const { code, httpStatus, message, ids } = answer;
    const status = httpStatus === null ? null : String(httpStatus);
    return html`<tr>
      <th scope="row">
        ${code === null ? texts.noCode(status) : html`<code class="word">${cut(maskIdsInText(code))}</code>`}
      </th>
      <td data-label="${texts.meaning}">${code === null ? null : meaningOfCode(code, words)}</td>
      <td class="figure" data-label="${texts.rows}">${formats.number(answer.rows)}</td>
      <td class="word" data-label="${texts.class}">${words.classes[answer.class].name}</td>
      <td data-label="${texts.message}">
        ${message === null || message === '' ? null : html`<span lang="en">${cut(maskKnownIds(message, ids))}</span>`}
      </td>
    </tr>`;
  };
  const more = (facts.answers[0]?.kinds ?? 0) - facts.answers.length;
  return html`<h2>${texts.heading}</h2>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.code}</th>
          <th scope="col">${texts.meaning}</th>
          <th scope="col" class="figure">${texts.rows}</th>
          <th scope="col">${texts.class}</th>
          <th scope="col">${texts.message}</th>
        </tr>
      </thead>
      <tbody>
        ${facts.answers.map(drawRow)}
      </tbody>
    </table>
    ${more === 0 ? null : html`<p>${texts.more(formats.number(more))}</p>`} ${given}`;
}

/** Draws the rows whose class did not come from the built-in table, and where it came from. */
function drawGiven(given: GivenClass, { words, page, formats }: PageContent): Html {
  const texts = page.codes;
  const code =
    given.code === null
      ? texts.noCode(null)
      : html`<code class="word">${cut(maskIdsInText(given.code))}</code>`;
  const { name } = words.classes[given.class];
  return html`<p>
    ${code} → ${name} (${texts.rows}: ${formats.number(given.rows)}): ${words.classGivers[given.by]}
  </p>`;
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= LONGEST_MESSAGE ? text : `${characters.slice(0, LONGEST_MESSAGE).join('')}…`;
}

/** Returns `347 = 277 + 7 + …`, each figure with its class. */
export function drawEquation({ facts, words, page, formats }: PageContent): Html {
  const terms = rowClasses.filter((name) => facts.classes[name] > 0);
  const sum = sumOfClasses(facts.classes);
  const read = facts.run.rows_read;
  const drawTerm = (name: string, count: number | null): Html =>
    html`<span>${name} <b>${formats.number(count)}</b></span>`;
  const parts = terms.map(
    (name, index) =>
      html`${index === 0 ? '' : ' + '}${drawTerm(words.classes[name].name, facts.classes[name])}`,
  );
  return html`<p class="equation">
    ${drawTerm(page.totals.rowsRead, read)} ${read === sum ? '=' : '≠'}
    ${terms.length === 0 ? html`<b>0</b>` : parts}
  </p>`;
}
