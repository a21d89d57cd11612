import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { NotifySettings } from '../../config/notification.ts';
import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import type { ExitDecision } from '../../domain/exit-cause.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import type { Language } from '../../domain/language.ts';
import type { Logger } from '../../domain/logger.ts';
import { withinDeadline } from '../../domain/time/deadline.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readToldPauses } from '../../ledger/pause-notice-table.ts';
import { callUrl } from './call-url.ts';
import { decideNews, type KnownCondition } from './decide-news.ts';
import {
  conditionOf,
  didItsWork,
  pausesOf,
  unknownCodesOf,
  type StartEnd,
  type StartPause,
} from './job-condition.ts';
import { readKnownCondition, writeCondition } from './known-condition.ts';
import { createNotice, createPauseNotice, createStartNotice, shown, type Notice } from './notice.ts';
import { tellNotice, tellPauseNotice } from './notice-texts.ts';
import { tellPause, type ToldPause } from './pause-texts.ts';
import { conditionAfter, type UnmadeStart } from './start-news.ts';
import { tellStart } from './start-texts.ts';
import { sendMail, type AttachedPage } from './send-mail.ts';

/** Longest time that any delivery may take. */
const NOTIFY_DEADLINE_MS = 10_000;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Largest number of reports in a mail; further lists are read in their folders. */
const MOST_PAGES = 5;

export interface NotifierOptions {
  readonly notify: NotifySettings;
  readonly job: string;
  readonly provider: string;
  readonly host: string;
  readonly language: Language;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells a person at the terminal, in one sentence, what could not be delivered. */
  readonly warn: (sentence: string) => void;
}

/**
 * Tells people how one start of a job went, or what happened to one that did not begin. It never changes how the
 * start ends: a message that can't be delivered in ten seconds is reported in the log and on the terminal and, where
 * nobody was told, sent again at the next start.
 */
export class Notifier {
  private readonly options: NotifierOptions;
  private starting: Promise<unknown> = Promise.resolve();
  private isOver = false;
  private readonly beganAt: Date;

  constructor(options: NotifierOptions) {
    this.options = options;
    this.beganAt = options.clock.now();
  }

  /** Reports that the start has begun; the start does not wait for this. */
  began(): void {
    this.starting = this.ping('/start', '');
  }

  /**
   * Reports the end once, however often it is called. `end` null: there was nothing to do, which says nothing about
   * the job. `ledger` null: it can't be asked what people know, so everything that is not well is reported.
   */
  async ended(ledger: Queryable | null, end: StartEnd | null): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.starting;
    if (end === null) await this.pingEnd({ exitCode: exitCodes.done, exitCause: 'nothing_due' });
    else await Promise.all([this.pingEnd(end), this.tellNews(ledger, end)]);
  }

  /**
   * Reports a start that did not happen as planned. Returns whether at least one place has the message, or there is
   * no place. A dead man's switch hears of it at once, and not only when it misses the next call.
   */
  async unmade(ledger: Queryable, start: UnmadeStart): Promise<boolean> {
    const { notify, job, clock, logger } = this.options;
    const { title, what } = tellStart(start, 'en');
    const hears = start.fate !== 'skipped' && notify.ping !== null;
    const notice = createStartNotice(start, what, { ...this.options, at: clock.now() });
    const [isPinged, isTold] = await Promise.all([hears && this.ping('/fail', title), this.send(notice)]);
    if (isTold) {
      logger.info('people were told', { because: notice.because.join(' ') });
      const condition = conditionAfter(start.fate, await readKnownCondition(ledger, job));
      if (condition !== null) {
        await writeCondition(ledger, job, { condition, told: { at: clock.now(), codes: [] } });
      }
    }
    const isAnybodyThere = hears || notify.slack !== null || notify.webhook !== null || notify.mail !== null;
    return isPinged || isTold || !isAnybodyThere;
  }

  /** Names the places that messages go to, without telling them: null where there is none. */
  get places(): string | null {
    const { slack, webhook, mail } = this.options.notify;
    const urls = [slack, webhook].map((place) => place?.url.reveal() ?? '');
    const letters = mail === null ? [] : [mail.smtp.reveal(), mail.from, ...mail.to];
    if (slack === null && webhook === null && mail === null) return null;
    return createHash('sha256')
      .update(JSON.stringify([urls, letters]))
      .digest('hex');
  }

  /** Tells that a person's pause began, or is over. Whether at least one place has it. */
  async pause(found: ToldPause): Promise<boolean> {
    const { language, clock } = this.options;
    const { by, note, resumedBy } = found;
    const pause = {
      ...found,
      by: shown(by),
      note: note === null ? null : shown(note),
      resumedBy: resumedBy === null ? null : shown(resumedBy),
    };
    const { what } = tellPause(pause, 'en');
    const notice = createPauseNotice(pause, what, { ...this.options, at: clock.now() });
    return await this.send(notice, tellPauseNotice(notice, pause, language));
  }

  private async pingEnd(end: Pick<ExitDecision, 'exitCode' | 'exitCause'>): Promise<void> {
    await this.ping(didItsWork(end) ? '' : '/fail', `exit ${end.exitCode} (${end.exitCause})`);
  }

  /** Returns whether the message was delivered. */
  private async ping(path: string, body: string): Promise<boolean> {
    const { ping } = this.options.notify;
    if (ping === null) return false;
    return await this.deliver('notify.ping', async (deadline) => {
      await callUrl(ping, { path, body, type: 'text/plain; charset=utf-8' }, deadline);
    });
  }

  private async tellNews(ledger: Queryable | null, end: StartEnd): Promise<void> {
    const { notify, job, clock, logger } = this.options;
    if (notify.slack === null && notify.webhook === null && notify.mail === null) return;
    const condition = conditionOf(end);
    const codes = unknownCodesOf(end.results);
    const pauses = pausesOf(end.results, this.beganAt);
    try {
      const at = clock.now();
      const known = await this.readKnown(ledger);
      const wasPaused = await this.hasUntold(ledger, pauses);
      const news = decideNews(known, { condition, codes, at, wasPaused }, notify.when);
      const notice = createNotice(end, condition, news, { ...this.options, at, pauses });
      const isTold = news.reasons.length > 0 && (await this.send(notice));
      if (isTold) logger.info('people were told', { because: news.reasons.join(' ') });
      if (ledger === null) return;
      await writeCondition(ledger, job, { condition, told: isTold ? { at, codes: news.newCodes } : null });
    } catch (error) {
      this.failed('what people know of the job', error);
    }
  }

  /** Whether one of these began without anybody being told then. */
  private async hasUntold(ledger: Queryable | null, pauses: readonly StartPause[]): Promise<boolean> {
    const { places } = this;
    if (ledger === null || places === null || pauses.length === 0) return pauses.length > 0;
    const told = await readToldPauses(ledger, this.options.provider, places).catch(() => []);
    const times = new Set(told.map((at) => at.getTime()));
    return pauses.some(({ from }) => !times.has(Date.parse(from)));
  }

  private async readKnown(ledger: Queryable | null): Promise<KnownCondition | null> {
    if (ledger === null) return null;
    // The unreachable part may be the ledger itself.
    return await readKnownCondition(ledger, this.options.job).catch(() => null);
  }

  /** Whether at least one place has it. */
  private async send(notice: Notice, told = tellNotice(notice, this.options.language)): Promise<boolean> {
    const { slack, webhook, mail } = this.options.notify;
    const places: readonly (readonly [string, ((deadline: AbortSignal) => Promise<void>) | null])[] = [
      [
        'notify.slack',
        slack &&
          (async (deadline) => {
            const text = slackText([`*${told.subject}*`, ...told.lines]);
            await callUrl(slack, { body: JSON.stringify({ text }), type: JSON_TYPE }, deadline);
          }),
      ],
      [
        'notify.webhook',
        webhook &&
          (async (deadline) => {
            await callUrl(webhook, { body: JSON.stringify(notice), type: JSON_TYPE }, deadline);
          }),
      ],
      [
        'notify.mail',
        mail &&
          (async () => {
            await sendMail(mail, told, pagesOf(notice));
          }),
      ],
    ];
    const delivered = await Promise.all(
      places.map(async ([place, send]) => send !== null && (await this.deliver(place, send))),
    );
    return delivered.includes(true);
  }

  /** Resolves within the deadline to whether the message was delivered; a call that hangs is abandoned. */
  private async deliver(place: string, send: (deadline: AbortSignal) => Promise<void>): Promise<boolean> {
    try {
      await withinDeadline(this.options.clock, NOTIFY_DEADLINE_MS, send, () => {
        throw new Error(`no answer within ${NOTIFY_DEADLINE_MS / 1_000} s`);
      });
      return true;
    } catch (error) {
      this.failed(place, error);
      return false;
    }
  }

  private failed(place: string, error: unknown): void {
    const { logger, warn } = this.options;
    const reason = cleanUntrustedText(messageOf(error));
    logger.warn('a notification was not delivered', { place, reason });
    warn(`${place} could not be notified: ${reason}; the run itself is not affected`);
  }
}

function pagesOf({ runs }: Notice): readonly AttachedPage[] {
  return runs
    .slice(0, MOST_PAGES)
    .map(({ runId, folder }) => ({ name: `${runId}.html`, file: join(folder, 'report.html') }));
}

/** Escapes the three characters that have a meaning in Slack. */
function slackText(lines: readonly string[]): string {
  return lines
    .map((line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
    .join('\n');
}
