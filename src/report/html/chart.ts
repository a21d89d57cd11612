import type { CourseBucket, RunCourse } from '../../ledger/proofs/run-course.ts';
import type { Formats } from '../texts/formats.ts';
import type { PageTexts } from '../texts/page-texts.ts';
import { html, type Html } from './html.ts';

const WIDTH = 1000;
const HEIGHT = 200;
const MOST_GAPS_TOLD = 5;
/** Number of rows in the table beside the chart. */
const TABLE_ROWS = 12;

export interface Chart {
  readonly course: RunCourse;
  /** Allowed calls per second; null where the settings do not say. */
  readonly limit: number | null;
  readonly calls: number;
  readonly troubled: number;
}

/** A bucket and its position from the left, in buckets; a gap takes one position. */
interface Placed extends CourseBucket {
  readonly place: number;
}

/** Draws calls per second over time as bars; long pauses are cut out and marked. A text and a table say the same. */
export function drawChart(chart: Chart, texts: PageTexts['course'], formats: Formats): Html {
  const { course, limit } = chart;
  const { placed, gapPlaces, places } = placeBuckets(course);
  const perSecond = (calls: number): number => (calls * 1000) / course.widthMs;
  const highest = Math.max(...placed.map(({ calls }) => perSecond(calls)));
  const top = roundUp(Math.max(highest, limit ?? 0));
  const description = texts.describe({
    calls: formats.number(chart.calls),
    highest: formats.number(highest, highest < 10 ? 1 : 0),
    limit: limit === null ? null : formats.number(limit, Number.isInteger(limit) ? 0 : 1),
    failures: formats.number(chart.troubled),
  });
  const scale = { x: WIDTH / places, y: HEIGHT / top, perSecond };
  const first = placed[0]?.startedAt ?? new Date(0);
  const last = new Date((placed.at(-1)?.startedAt.getTime() ?? 0) + course.widthMs);
  return html`<p>${description} ${texts.width(formats.duration(course.widthMs))}</p>
    ${drawLegend(texts, { limit, gaps: course.gaps.length, troubled: chart.troubled })}
    <div class="chart">
      <div class="axis" aria-hidden="true">
        <span>${formats.number(top)}</span><span>${texts.perSecond}</span><span>0</span>
      </div>
      <svg
        class="plot"
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-labelledby="chart-title chart-text"
      >
        <title id="chart-title">${texts.chart}</title>
        <desc id="chart-text">${description}</desc>
        ${drawHatch('hatch')}
        <path class="grid" vector-effect="non-scaling-stroke" d="M0 ${HEIGHT / 2}H${WIDTH}M0 0.5H${WIDTH}" />
        ${gapPlaces.map((place) => html`<rect class="gap" x="${round(place * scale.x)}" y="0" width="${round(scale.x)}" height="${HEIGHT}" />`)}
        ${drawBars(placed, scale)}
        ${limit === null ? null : html`<path class="limit" vector-effect="non-scaling-stroke" d="M0 ${round(HEIGHT - limit * scale.y)}H${WIDTH}" fill="none" />`}
      </svg>
      <div class="times" aria-hidden="true">
        <span>${formats.time(first)}</span><span>${formats.time(last)} ${formats.zone}</span>
      </div>
    </div>
    ${tellGaps(course, texts, formats)} ${drawTable(placed, texts, formats)}`;
}

function placeBuckets(course: RunCourse): { placed: Placed[]; gapPlaces: number[]; places: number } {
  const placed: Placed[] = [];
  const gapPlaces: number[] = [];
  let start = 0;
  let end = 0;
  let stretch = 0;
  for (const bucket of course.buckets) {
    if (bucket.stretch !== stretch) {
      gapPlaces.push(end);
      start = end + 1;
      stretch = bucket.stretch;
    }
    const place = start + bucket.bucket;
    placed.push({ ...bucket, place });
    end = place + 1;
  }
  return { placed, gapPlaces, places: Math.max(end, 1) };
}

interface Scale {
  readonly x: number;
  readonly y: number;
  readonly perSecond: (calls: number) => number;
}

/**
 * Draws answered calls at the bottom, then 429, then the provider's failures. Patterns separate them as well as
 * colours.
 */
function drawBars(placed: readonly Placed[], { x, y, perSecond }: Scale): Html {
  const paths = { answered: '', throttled: '', troubled: '' };
  for (const bucket of placed) {
    const troubled = bucket.serverErrors + bucket.unanswered;
    const parts = [
      ['answered', bucket.calls - bucket.throttled - troubled],
      ['throttled', bucket.throttled],
      ['troubled', troubled],
    ] as const;
    let base = HEIGHT;
    for (const [name, calls] of parts) {
      if (calls <= 0) continue;
      const height = perSecond(calls) * y;
      paths[name] += `M${round(bucket.place * x)} ${round(base)}h${round(x)}v${round(-height)}h${round(-x)}z`;
      base -= height;
    }
  }
  return html`<path class="answered" d="${paths.answered}" /><path
      fill="url(#hatch)"
      d="${paths.throttled}"
    /><path class="troubled" d="${paths.troubled}" />`;
}

function drawHatch(id: string): Html {
  return html`<defs
    ><pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse"
      ><rect width="6" height="6" fill="#fff" /><path
        d="M0 6L6 0"
        stroke="#8a4b00"
        stroke-width="2.5" /></pattern
  ></defs>`;
}

function drawLegend(
  texts: PageTexts['course'],
  { limit, gaps, troubled }: { limit: number | null; gaps: number; troubled: number },
): Html {
  const box = (inner: Html, label: string): Html =>
    html`<li><svg viewBox="0 0 28 18" aria-hidden="true">${inner}</svg>${label}</li>`;
  return html`<ul class="legend">
    ${box(html`<rect class="answered" width="28" height="18" />`, texts.legend.answered)}
    ${troubled === 0 ? null : box(html`${drawHatch('hatch-legend')}<rect fill="url(#hatch-legend)" stroke="#8a4b00" width="28" height="18" />`, texts.legend.throttled)}
    ${troubled === 0 ? null : box(html`<rect class="troubled" width="28" height="18" />`, texts.legend.troubled)}
    ${limit === null ? null : box(html`<path class="limit" d="M0 9H28" />`, texts.legend.limit)}
    ${gaps === 0 ? null : box(html`<rect class="gap" width="28" height="18" />`, texts.legend.gap)}
  </ul>`;
}

function tellGaps({ gaps }: RunCourse, texts: PageTexts['course'], formats: Formats): Html | null {
  if (gaps.length === 0) return null;
  const told = gaps.slice(0, MOST_GAPS_TOLD).map(({ from, until }) => {
    const length = formats.duration(until.getTime() - from.getTime());
    return html`<li>${texts.gap(formats.dateTime(from), formats.dateTime(until), length)}</li>`;
  });
  const more = gaps.length - told.length;
  return html`<ul>
    ${told}${more === 0 ? null : html`<li>${texts.moreGaps(formats.number(more))}</li>`}
  </ul>`;
}

/** Draws the same figures as a table of at most a dozen rows. */
function drawTable(placed: readonly Placed[], texts: PageTexts['course'], formats: Formats): Html {
  const each = Math.ceil(placed.length / TABLE_ROWS);
  const rows: Html[] = [];
  for (let index = 0; index < placed.length; index += each) {
    const group = placed.slice(index, index + each);
    const sum = (of: (bucket: Placed) => number): string =>
      formats.number(group.reduce((total, bucket) => total + of(bucket), 0));
    rows.push(
      html`<tr>
        <th scope="row">${formats.time(group[0]?.startedAt ?? new Date(0))}</th>
        <td class="figure">${sum(({ calls }) => calls)}</td>
        <td class="figure">${sum(({ throttled }) => throttled)}</td>
        <td class="figure">${sum(({ serverErrors }) => serverErrors)}</td>
        <td class="figure">${sum(({ unanswered }) => unanswered)}</td>
      </tr>`,
    );
  }
  const { calls, throttled, serverErrors, unanswered } = texts.columns;
  return html`<details>
    <summary>${texts.table}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">${texts.from} (${formats.zone})</th>
          ${[calls, throttled, serverErrors, unanswered].map((label) => html`<th scope="col" class="figure">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </details>`;
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
