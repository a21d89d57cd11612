import { z } from 'zod';
import { rowClasses } from '../../domain/class.ts';
import { exitCauses, meaningOf, urgencies } from '../../domain/exit-cause.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Language } from '../../domain/language.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { listNeeds, neededActors } from '../../domain/work.ts';
import { tellVerdict } from '../../report/texts/verdict-texts.ts';
import { actorOfEnd } from '../../report/verdict.ts';
import { newsReasons, type News } from './decide-news.ts';
import { reasonOfFate, unmadeStartSchema, type StartFate, type UnmadeStart } from './start-news.ts';
import type { ToldPause } from './pause-texts.ts';
import { summariesOf, type JobCondition, type StartEnd, type StartPause } from './job-condition.ts';

const count = z.int().min(0);

/** The JSON that a webhook gets. The order of the keys is their order in the document. It contains no member's id. */
export const noticeSchema = z.object({
  schemaVersion: z.literal(1),
  job: z.string(),
  provider: z.string(),
  host: z.string().describe('the machine on which the job was started'),
  at: z.iso.datetime(),
  isWell: z.boolean().describe('true: nobody has to do anything now'),
  because: z
    .array(z.enum(newsReasons))
    .describe(
      'why this is told: trouble, nobody was told yet that it is not well; other_cause and more_failures, it is not well in another way or by more; still_not_well, a week has passed; well_again; new_code; nights_used_up, records that no later night calls by itself; paused, a person has its calls wait, or had, where nobody was told when it began; resumed, that is over; missed_start, skipped_start and broken_off_start, a start of the schedule did not happen as it was to; every_start, the job file asks for it',
    ),
  exitCode: z.int().nullable().describe('null, as exitCause, where no start has ended: see start'),
  exitCause: z.enum(exitCauses).nullable(),
  exitReason: z.string(),
  start: unmadeStartSchema
    .nullable()
    .describe(
      'the start that did not happen as it was to; null: the message is about a start that has ended',
    ),
  urgency: z.enum(urgencies),
  mustAct: z
    .array(z.object({ actor: z.enum(neededActors), becauseOfEnd: z.boolean(), rows: count }))
    .describe('who must act: because of how the start ended, and on how many rows'),
  failures: z.partialRecord(z.enum(rowClasses), count).describe('rows that are not enrolled, by class'),
  newCodes: z.array(z.string()).describe('unknown codes of the provider that were never told before'),
  runs: z.array(
    z.object({
      runId: z.string(),
      list: z.string(),
      exitCode: z.int(),
      exitCause: z.enum(exitCauses),
      verdict: z.string().describe('one sentence, in the language of the report'),
      rowsRead: count.nullable(),
      classes: z.record(z.enum(rowClasses), count),
      calls: count,
      folder: z.string(),
    }),
  ),
  pauses: z
    .array(
      z.object({
        from: z.iso.datetime(),
        until: z.iso.datetime(),
        by: z.string(),
        note: z.string().nullable(),
      }),
    )
    .describe('a person had the calls wait, while the start was under way, or has now: when, who, and why'),
  refusedLists: z
    .array(z.string())
    .describe(
      'why lists of this start were refused or not begun, a sentence each; in Korean where the report is and there is a Korean one',
    ),
});

/** One message about one start of a job. */
export type Notice = Readonly<z.infer<typeof noticeSchema>>;

export interface NoticeOptions {
  readonly job: string;
  readonly provider: string;
  readonly host: string;
  readonly at: Date;
  readonly language: Language;
  readonly pauses: readonly StartPause[];
}

export function createNotice(
  end: StartEnd,
  condition: JobCondition,
  news: News,
  options: NoticeOptions,
): Notice {
  const { language, pauses } = options;
  const work = summariesOf(end.results).flatMap((summary) => summary.work);
  return {
    ...headOf(options),
    isWell: condition.isWell,
    because: [...news.reasons],
    exitCode: end.exitCode,
    exitCause: end.exitCause,
    exitReason: shown(end.reason),
    start: null,
    urgency: meaningOf(end.exitCause).urgency,
    mustAct: listNeeds(work, actorOfEnd(end.exitCause)),
    failures: { ...condition.failures },
    newCodes: [...news.newCodes],
    runs: end.results.flatMap((result) => {
      if (result.kind !== 'ran') return [];
      const { summary, folder, exitCode, exitCause } = result;
      const { runId, list, verdict, classes, calls } = summary;
      return [
        {
          runId,
          list: shown(list.name),
          exitCode,
          exitCause,
          verdict: tellVerdict(verdict, language).sentence,
          rowsRead: list.rowsRead,
          classes: { ...classes },
          calls,
          folder: cleanUntrustedText(folder),
        },
      ];
    }),
    pauses: pauses.map(({ from, until, by, note }) => ({
      from,
      until,
      by: shown(by),
      note: note === null ? null : shown(note),
    })),
    refusedLists: end.results.flatMap((result) =>
      result.kind === 'refused' ? [shown((language === 'ko' ? result.korean : null) ?? result.reason)] : [],
    ),
  };
}

/** Who must act on a start that did not happen, and how urgently. */
const needsOfFate = {
  missed: { urgency: 'today', isWell: false },
  skipped: { urgency: 'tomorrow', isWell: true },
  broken_off: { urgency: 'today', isWell: false },
} as const satisfies Readonly<Record<StartFate, Pick<Notice, 'urgency' | 'isWell'>>>;

/** One message about a start of a job that did not happen as it was to. `sentence`: what became of it. */
export function createStartNotice(start: UnmadeStart, sentence: string, options: Teller): Notice {
  const { urgency, isWell } = needsOfFate[start.fate];
  return {
    ...withoutEnd(sentence, options),
    isWell,
    because: [reasonOfFate[start.fate]],
    start,
    urgency,
    mustAct: isWell ? [] : [{ actor: 'operations', becauseOfEnd: true, rows: 0 }],
  };
}

/** One message that a person's pause began, or is over. */
export function createPauseNotice(pause: ToldPause, sentence: string, options: Teller): Notice {
  const { event, by, note } = pause;
  const [from, until] = [pause.from.toISOString(), pause.until.toISOString()];
  return { ...withoutEnd(sentence, options), because: [event], pauses: [{ from, until, by, note }] };
}

type Teller = Pick<NoticeOptions, 'job' | 'provider' | 'host' | 'at'>;

function headOf({ job, provider, host, at }: Teller) {
  return { schemaVersion: 1, job, provider, host, at: at.toISOString() } as const;
}

/** A message about no start that has ended, for which nobody has to do anything. */
function withoutEnd(sentence: string, options: Teller): Notice {
  return {
    ...headOf(options),
    isWell: true,
    because: [],
    exitCode: null,
    exitCause: null,
    exitReason: sentence,
    start: null,
    urgency: 'nothing',
    mustAct: [],
    failures: {},
    newCodes: [],
    runs: [],
    pauses: [],
    refusedLists: [],
  };
}

/** One line, whatever it holds, and without an id. */
export function shown(text: string): string {
  return maskIdsInText(cleanUntrustedText(text));
}
