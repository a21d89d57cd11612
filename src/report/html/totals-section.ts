import { controlTotalWords, agrees, type TotalsCheck } from '../../domain/control-totals.ts';
import { html, type Html } from './html.ts';
import { drawEquation } from './classes-section.ts';
import type { PageContent } from './page-content.ts';

/** Draws rows read = sum of the classes, and each control total with both figures. */
export function drawTotals(content: PageContent): Html {
  const { facts, words, page, formats } = content;
  const texts = page.totals;
  const drawRow = (check: TotalsCheck): Html => {
    const { title, expected, found } = controlTotalWords[check.name];
    const { language } = words;
    const about = check.class === null ? null : html` <small>${words.classes[check.class].name}</small>`;
    const result = agrees(check)
      ? html`<span class="ok">✓ ${texts.agrees}</span>`
      : html`<span class="wrong">✕ ${texts.disagrees}</span>`;
    return html`<tr>
      <th scope="row">${title[language]}${about}</th>
      <td class="figure" data-label="${expected[language]}">
        <small>${expected[language]}</small>${formats.number(check.expected)}
      </td>
      <td class="figure" data-label="${found[language]}">
        <small>${found[language]}</small>${formats.number(check.found)}
      </td>
      <td>${result}</td>
    </tr>`;
  };
  const checks =
    facts.totals === null
      ? html`<p>${texts.notKept}</p>`
      : html`<table class="stack checks">
          <thead>
            <tr>
              <th scope="col">${texts.check}</th>
              <th scope="col" class="figure">A</th>
              <th scope="col" class="figure">B</th>
              <th scope="col">${texts.result}</th>
            </tr>
          </thead>
          <tbody>
            ${toldChecks(facts.totals).map(drawRow)}
          </tbody>
        </table>`;
  const { blank_lines: blank, title_lines: title, totals_lines: totals } = facts.run;
  return html`<h2>${texts.heading}</h2>
    ${facts.summary.totalsAgree ? null : html`<p class="banner">✕ ${texts.broken}</p>`}
    <p>${texts.equation}</p>
    ${drawEquation(content)} ${checks}
    <p class="soft">
      ${texts.noRows({ blank: formats.number(blank), title: formats.number(title), totals: formats.number(totals) })}
    </p>`;
}

/**
 * Returns the checks to show: a single class only where it does not agree, or where no check of that name covers all
 * classes.
 */
function toldChecks(checks: readonly TotalsCheck[]): TotalsCheck[] {
  const ofAll = new Set(checks.flatMap((check) => (check.class === null ? [check.name] : [])));
  return checks.filter((check) => check.class === null || !agrees(check) || !ofAll.has(check.name));
}
