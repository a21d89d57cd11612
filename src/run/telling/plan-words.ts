import type { Language, Words } from '../../domain/language.ts';
import { wallTime } from '../../domain/time/wall-time.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { ListPlan } from '../plan-list.ts';

export interface PlanWords {
  readonly provider: string;
  /** The rate as text, such as 20/s. */
  readonly rate: string;
  readonly saidYes: boolean;
  readonly again: boolean;
  /** The value of `limits.maxCalls`; null where there is no limit. */
  readonly maxCalls: number | null;
  readonly timeZone: string;
}

/** How the calls of a plan are told. */
interface CallsTelling {
  readonly language: Language;
  readonly duration: (seconds: number) => string;
  /** When the plan was made, where it is told later; absent where it is told at once. */
  readonly readAt?: string;
}

/**
 * Tells what a run would call and how long that takes, in one sentence for each fact. `duration` returns words for a
 * number of seconds.
 */
export function tellCalls(
  plan: ListPlan,
  { provider, rate, timeZone, maxCalls }: PlanWords,
  { language, duration, readAt }: CallsTelling,
): string[] {
  const name = cleanUntrustedText(provider);
  const { due, dueHistory, secondsAtLeast, endsAt, beforeStop } = plan;
  if (due === 0)
    return [{ en: `Nothing to call at ${name}.`, ko: `${name}에서 호출할 대상이 없습니다.` }[language]];
  const { neverCalled, calledBefore } = dueHistory;
  const [time, end] = [duration(secondsAtLeast), wallTime(endsAt, timeZone)];
  const said: readonly (Words | null)[] = [
    {
      en: `${due} to call at ${name}: ${neverCalled} never called yet, ${calledBefore} called before and not enrolled.`,
      ko: `${name}에서 호출할 대상은 ${due}건입니다. 처음 호출 ${neverCalled}건, 전에 호출했으나 등록되지 않은 것 ${calledBefore}건.`,
    },
    {
      en: `At ${rate} that takes ${time} at least; begun ${readAt === undefined ? 'now, it ends' : `when it was read (${readAt}), it would end`} at ${end} (${timeZone}).`,
      ko: `${rate} 속도로 최소 ${time} 걸리며, ${readAt === undefined ? '지금' : `읽은 시각(${readAt})에`} 시작하면 ${end}(${timeZone})에 끝납니다.`,
    },
    beforeStop === null ? null : stopWords(beforeStop, due, timeZone),
    maxCalls === null || due <= maxCalls
      ? null
      : // The limit also counts earlier calls of this night, which only a run looks up.
        {
          en: `limits.maxCalls lets ${maxCalls} of them be called in one night.`,
          ko: `limits.maxCalls에 따라 하룻밤에 그중 ${maxCalls}건까지 호출합니다.`,
        },
  ];
  return said.flatMap((words) => words?.[language] ?? []);
}

function stopWords(
  { stopAt, fits, calls }: NonNullable<ListPlan['beforeStop']>,
  due: number,
  timeZone: string,
): Words {
  const stop = wallTime(stopAt, timeZone);
  if (fits)
    return {
      en: `This can be finished before windows.stopAt, ${stop}.`,
      ko: `windows.stopAt(${stop}) 전에 끝납니다.`,
    };
  return {
    en: `This cannot be finished before windows.stopAt, ${stop}: at most ${calls} of ${due}; ${due - calls} remain for the next night.`,
    ko: `windows.stopAt(${stop}) 전에 끝나지 않습니다. ${due}건 중 최대 ${calls}건을 호출하고 ${due - calls}건은 다음 밤으로 넘어갑니다.`,
  };
}

/** Tells what the ledger already holds of this list, in one sentence for each fact. */
export function tellHistory(plan: ListPlan, { again }: PlanWords, language: Language): string[] {
  const { difference, finishedBefore, continues } = plan;
  const said: readonly (Words | null)[] = [
    difference === null
      ? null
      : {
          en: `Against the last list (${difference.runId}): ${difference.added} records new, ${difference.gone} gone, ${difference.changedPar} members with another PAR.`,
          ko: `직전 명단(${difference.runId})과 비교: 새로 추가 ${difference.added}건, 빠짐 ${difference.gone}건, PAR이 바뀐 회원 ${difference.changedPar}명.`,
        },
    finishedBefore === null
      ? null
      : {
          en: `A list with the same content was completed before, in run ${finishedBefore.id}: ${again ? '--again calls all of it once more' : 'only what may come again is called'}.`,
          ko: `같은 내용을 실행 ${finishedBefore.id}에서 이미 끝냈습니다. ${again ? '--again에 따라 모두 다시 호출합니다' : '다시 호출해도 되는 것만 호출합니다'}.`,
        },
    continues === null
      ? null
      : {
          en: `Run ${continues} is unfinished with this content: it would be continued.`,
          ko: `같은 내용의 실행 ${continues}이(가) 끝나지 않았으므로 그 실행을 이어서 합니다.`,
        },
  ];
  return said.flatMap((words) => words?.[language] ?? []);
}

/** Tells what would stop a run of the list, or keep it from beginning, in one sentence for each guard. */
export function tellGuards(plan: ListPlan, words: PlanWords, language: Language): string[] {
  const size = sizeWords(plan, words);
  return [
    ...(size === null ? [] : [size[language]]),
    ...(plan.due === 0 ? [] : [stopsWords(plan.guards, language)]),
  ];
}

function stopsWords(guards: ListPlan['guards'], language: Language): string {
  const { canary, maxFailures, maxUnknownCodes, newlyFailingPercent } = guards;
  const failures = maxFailures.kind === 'share' ? `${maxFailures.percent}%` : String(maxFailures.count);
  const stops: readonly (Words | null)[] = [
    canary === 0
      ? null
      : {
          en: `more than half of ${canary} records called first fail (canary)`,
          ko: `먼저 호출한 ${canary}건 중 절반 넘게 실패(canary)`,
        },
    newlyFailingPercent === null
      ? null
      : {
          en: `more than ${newlyFailingPercent}% of earlier successes are refused (newlyFailing)`,
          ko: `정상이던 회원의 ${newlyFailingPercent}% 넘게 거절(newlyFailing)`,
        },
    failures === '100%'
      ? null
      : {
          en: `more than ${failures} of all fail (maxFailures)`,
          ko: `전체의 ${failures} 넘게 실패(maxFailures)`,
        },
    {
      en: `more than ${maxUnknownCodes} calls meet unknown codes (maxUnknownCodes)`,
      ko: `알 수 없는 코드의 응답이 ${maxUnknownCodes}건 초과(maxUnknownCodes)`,
    },
  ];
  const told = stops.flatMap((stop) => stop?.[language] ?? []);
  return language === 'en'
    ? `A run stops when ${told.join(', or ')}.`
    : `다음 경우 실행을 멈춥니다: ${told.join(', 또는 ')}.`;
}

function sizeWords({ size }: ListPlan, { saidYes }: PlanWords): Words | null {
  const { usualRows, changePercent, isUnusual } = size;
  if (usualRows === null) return null;
  const change = changePercent ?? 0;
  const share = `${Math.abs(change)}%`;
  const en = `This job usually has ${usualRows} rows: ${change === 0 ? 'as many' : `${share} ${change > 0 ? 'more' : 'fewer'}`} now`;
  const ko = `이 작업은 보통 ${usualRows}행인데 이번에는 ${change === 0 ? '같습니다' : `${share} ${change > 0 ? '많습니다' : '적습니다'}`}`;
  if (!isUnusual) return { en: `${en}.`, ko: `${ko}.` };
  return {
    en: `${en}, which ${saidYes ? '--yes lets pass' : 'a run refuses without --yes (guards.listSize)'}.`,
    ko: `${ko}. ${saidYes ? '확인했으므로(--yes) 그대로 실행합니다' : '확인(--yes) 없이는 실행하지 않습니다(guards.listSize)'}.`,
  };
}
