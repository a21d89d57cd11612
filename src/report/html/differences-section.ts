import { ageBuckets, type BreakFigures } from '../../domain/reconciliation/break.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

const counts = ['added', 'gone', 'parChanged', 'newlyFailing', 'cured'] as const;

/** Draws the differences from the night before. */
export function drawDifference({ facts, page, formats }: PageContent): Html {
  const texts = page.difference;
  const { difference } = facts;
  const heading = html`<h2>${texts.heading}</h2>`;
  if (difference === null)
    return html`${heading}
      <p>${texts.notKept}</p>`;
  if (difference.comparedWith === null)
    return html`${heading}
      <p>${texts.first}</p>`;
  const { runId, night } = difference.comparedWith;
  const rows = [
    ...counts.map((name) => [texts.rows[name], difference[name]] as const),
    ...difference.stillFailing.map(
      ({ nights, records }) => [texts.stillFailing(formats.number(nights)), records] as const,
    ),
  ];
  return html`${heading}
    <p>${texts.comparedWith(runId, formats.date(night))}</p>
    <table>
      <thead>
        <tr>
          <th scope="col">${texts.what}</th>
          <th scope="col" class="figure">${texts.records}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([label, count]) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td class="figure">${formats.number(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** Draws what fails, by cause, and for how many nights; nothing where no ages were kept. */
export function drawFailing({ facts, words, page, formats }: PageContent): Html | null {
  const { failing } = facts.summary;
  if (failing === null || failing.length === 0) return null;
  const texts = page.failing;
  return html`<h2>${texts.heading}</h2>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.cause}</th>
          <th scope="col" class="figure">${texts.records}</th>
          <th scope="col">${texts.ages}</th>
        </tr>
      </thead>
      <tbody>
        ${failing.map(({ class: name, code, ages }) => {
          const some = ageBuckets.filter((bucket) => ages[bucket] > 0);
          const all = ageBuckets.reduce((sum, bucket) => sum + ages[bucket], 0);
          return html`<tr>
            <th scope="row">
              ${words.classes[name].name}${code === null ? null : html` <small>${code}</small>`}
            </th>
            <td class="figure" data-label="${texts.records}">${formats.number(all)}</td>
            <td data-label="${texts.ages}">
              ${some.map(
                (bucket) =>
                  html`<span class="nowrap"
                      >${words.ages[bucket]}: <b>${formats.number(ages[bucket])}</b></span
                    ><br />`,
              )}
            </td>
          </tr>`;
        })}
      </tbody>
    </table>`;
}

/** Draws breaks that are new, open, explained and gone, and the age of the open ones. */
export function drawBreaks({ facts, words, page, formats }: PageContent): Html {
  const texts = page.breaks;
  const heading = html`<h2>${texts.heading}</h2>`;
  if (facts.breaks.length === 0)
    return html`${heading}
      <p>${texts.none}</p>`;
  const drawRow = (figures: BreakFigures): Html => {
    const told = words.breakKinds[figures.kind];
    const ages = ageBuckets.filter((bucket) => figures.ages[bucket] > 0);
    const drawAge = (bucket: (typeof ageBuckets)[number]): Html =>
      html`<span class="nowrap">${words.ages[bucket]}: <b>${formats.number(figures.ages[bucket])}</b></span
        ><br />`;
    return html`<tr>
      <th scope="row">${told.name} <small>${told.meaning}</small></th>
      <td class="figure" data-label="${texts.fresh}">${formats.number(figures.fresh)}</td>
      <td class="figure" data-label="${texts.stillOpen}">${formats.number(figures.stillOpen)}</td>
      <td class="figure" data-label="${texts.explained}">${formats.number(figures.explained)}</td>
      <td class="figure" data-label="${texts.gone}">${formats.number(figures.gone)}</td>
      <td data-label="${texts.ages}">${ages.map(drawAge)}</td>
      <td data-label="${texts.toDo}">${told.toDo}</td>
    </tr>`;
  };
  const figures = [texts.fresh, texts.stillOpen, texts.explained, texts.gone];
  return html`${heading}
    <p>${texts.asOf(formats.dateTime(facts.finishedAt))}</p>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.kind}</th>
          ${figures.map((label) => html`<th scope="col" class="figure">${label}</th>`)}
          <th scope="col">${texts.ages}</th>
          <th scope="col">${texts.toDo}</th>
        </tr>
      </thead>
      <tbody>
        ${facts.breaks.map(drawRow)}
      </tbody>
    </table>`;
}
