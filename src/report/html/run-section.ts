import type { RunSettings } from '../../config/run-settings.ts';
import { formatClockTime } from '../../config/job-file/call-hours-settings.ts';
import { settingNames, type PageTexts, type SettingName } from '../texts/page-texts.ts';
import type { Formats } from '../texts/formats.ts';
import type { CourseBucket } from '../../ledger/proofs/run-course.ts';
import type { Summary } from '../summary.ts';
import { drawChart } from './chart.ts';
import { html, type Fragment, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

/** Draws calls per second over the run, its failures and pauses. */
export function drawCourse({ facts, page, formats }: PageContent): Html {
  const { course, limit, summary } = facts;
  const heading = html`<h2>${page.course.heading}</h2>`;
  const paused = tellPauses(summary.rate.pauses ?? [], page.course, formats);
  if (course === null)
    return html`${heading}
      <p>${page.course.none}</p>
      ${paused}`;
  const sum = (of: (bucket: CourseBucket) => number): number =>
    course.buckets.reduce((total, bucket) => total + of(bucket), 0);
  const troubled = sum(({ throttled, serverErrors, unanswered }) => throttled + serverErrors + unanswered);
  const calls = summary.calls + summary.inquiries;
  return html`${heading} ${drawChart({ course, limit, calls, troubled }, page.course, formats)}${paused}`;
}

/** Says who paused the calls of every process, and why. */
function tellPauses(
  pauses: NonNullable<Summary['rate']['pauses']>,
  texts: PageTexts['course'],
  formats: Formats,
): Html | null {
  if (pauses.length === 0) return null;
  const told = pauses.map(({ from, until, by, note }) => {
    const [began, ended] = [from, until].map((time) => formats.dateTime(new Date(time)));
    return html`<li>${texts.paused({ from: began ?? '', until: ended ?? '', by, note })}</li>`;
  });
  return html`<ul>
    ${told}
  </ul>`;
}

export function drawSpeed({ facts, page, formats }: PageContent): Html {
  const texts = page.speed;
  const { summary, course, run, finishedAt } = facts;
  const { p50, p90, p99 } = summary.latencyMs;
  const { limitedBy, concurrencyLearnt } = summary.rate;
  const rows: (readonly [string, string])[] = [
    [texts.started, formats.dateTime(run.started_at)],
    [texts.finished, formats.dateTime(finishedAt)],
    [texts.whole, formats.duration(finishedAt.getTime() - run.started_at.getTime())],
    [texts.idle, formats.duration(course?.idleMs ?? 0)],
  ];
  if (course !== null) {
    const figures = [summary.calls, summary.retries, summary.inquiries].map((count) => formats.number(count));
    rows.push([texts.calls, texts.callsValue(figures[0] ?? '', figures[1] ?? '', figures[2] ?? '')]);
    rows.push([texts.rate, texts.rateValue(formats.number(summary.rate.used, 1), summary.rate.allowed)]);
  }
  if (p50 !== null && p90 !== null && p99 !== null) {
    const [half, most, nearlyAll] = [p50, p90, p99].map((latency) => formats.duration(Math.max(1, latency)));
    rows.push([texts.latency, texts.latencyValue(half ?? '', most ?? '', nearlyAll ?? '')]);
  }
  if (limitedBy !== null) rows.push([texts.limitedBy, texts.bottlenecks[limitedBy]]);
  if (concurrencyLearnt !== undefined)
    rows.push([texts.learnt, texts.learntValue(formats.number(concurrencyLearnt))]);
  const { programVersion: version } = summary;
  if (version !== null) rows.push([texts.program, version]);
  return html`<h2>${texts.heading}</h2>
    ${drawFacts(rows)}`;
}

/** Draws the settings kept with the run that are on an explicit list: no address, no path, no key. */
export function drawSettings({ facts, words, page, formats }: PageContent): Html {
  const texts = page.settings;
  const heading = html`<h2>${texts.heading}</h2>`;
  if (facts.settings === null)
    return html`${heading}
      <p>${texts.unreadable}</p>`;
  const values = tellSettings(facts.settings, texts, formats);
  const outcomes = Object.entries(facts.settings.outcomes);
  const own = outcomes
    .map(([code, name]) => `${code} ${name === 'stop_run' ? texts.stopRun : words.classes[name].name}`)
    .join(', ');
  return html`${heading}${drawFacts(
    settingNames.map((name) => [texts.labels[name], name === 'outcomes' ? own || texts.none : values[name]]),
  )}`;
}

function tellSettings(
  settings: RunSettings,
  texts: PageTexts['settings'],
  formats: Formats,
): Record<Exclude<SettingName, 'outcomes'>, string> {
  const { limits, retry, windows, guards, provider } = settings;
  const number = (value: number): string => formats.number(value);
  const onOff = (isOn: boolean): string => (isOn ? texts.on : texts.off);
  const { maxFailures, listSizePercent, newlyFailingPercent } = guards;
  return {
    rate: limits.rates.map(({ count, unit }) => `${number(count)}/${unit}`).join(', '),
    concurrency: number(limits.concurrency),
    timeout: formats.duration(limits.timeoutMs),
    adaptive: onOff(limits.adaptive),
    maxCalls: limits.maxCalls === null ? texts.none : texts.perNight(number(limits.maxCalls)),
    attempts: texts.perNight(number(retry.attempts)),
    backoff: `${formats.duration(retry.backoffMinMs)} – ${formats.duration(retry.backoffMaxMs)}`,
    nights: texts.nights(number(retry.nights)),
    verify: onOff(settings.verify.enabled),
    blackout:
      windows.blackout
        .map(({ start, end }) => `${formatClockTime(start)}–${formatClockTime(end)}`)
        .join(', ') || texts.none,
    stopAt: windows.stopAt === null ? texts.none : formatClockTime(windows.stopAt),
    timeZone: settings.timeZone,
    encryption: provider.kind === 'sandbox' ? texts.none : tellEncryption(provider, texts),
    canary: guards.canary === 0 ? texts.off : texts.records(number(guards.canary)),
    maxFailures:
      maxFailures.kind === 'share' ? `${maxFailures.percent}%` : texts.records(number(maxFailures.count)),
    maxUnknownCodes: texts.calls(number(guards.maxUnknownCodes)),
    newlyFailing: newlyFailingPercent === null ? texts.off : `${newlyFailingPercent}%`,
    listSize: listSizePercent === null ? texts.off : `${number(listSizePercent)}%`,
  };
}

function tellEncryption(
  provider: Extract<RunSettings['provider'], { kind: 'konaplate' }>,
  texts: PageTexts['settings'],
): string {
  return provider.encryption === 'off' ? texts.off : `JWE RSA-OAEP-256, ${provider.contentEncryption}`;
}

export function drawHashes({ facts, page }: PageContent): Html {
  const texts = page.hashes;
  const { sha256 } = facts.summary.list;
  return html`<h2>${texts.heading}</h2>
    ${sha256 === null ? html`<p>${texts.noList}</p>` : drawFacts([[texts.list, html`<code>${sha256}</code>`]])}
    <p>${texts.others}</p>`;
}

export function drawFacts(rows: readonly (readonly [string, Fragment])[]): Html {
  return html`<dl class="facts">
    ${rows.map(
      ([label, value]) =>
        html`<dt>${label}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
