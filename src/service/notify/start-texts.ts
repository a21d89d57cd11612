import type { Language } from '../../domain/language.ts';
import { wallTime, zonedTime } from '../../domain/time/wall-time.ts';
import type { StartFate, UnmadeStart } from './start-news.ts';

/** What the sentences about a start name, as people read it. */
interface StartWords {
  readonly due: string;
  readonly closed: string;
  readonly next: string;
  /** What starts the job by hand. */
  readonly byHand: string;
}

interface FateTexts {
  /** Follows the job's name in a subject. */
  readonly title: (words: StartWords) => string;
  readonly what: (words: StartWords) => string;
  readonly next: (words: StartWords) => string;
}

interface StartTexts {
  readonly fates: Readonly<Record<StartFate, FateTexts>>;
  readonly earlier: (count: number) => string;
}

const english: StartTexts = {
  fates: {
    missed: {
      title: ({ due }) => `the start of ${due} was missed`,
      what: ({ due, closed }) =>
        `Nobody began the start of ${due} before its window closed at ${closed}, and nobody was called: no \`kona-enroll serve\` was there, or none had a worker free.`,
      next: ({ next, byHand }) =>
        `See that \`kona-enroll serve\` runs. The next start, at ${next}, does all that is due; where that can't wait, start the job by hand with \`${byHand}\`.`,
    },
    skipped: {
      title: ({ due }) => `the start of ${due} was skipped, because the job is still running`,
      what: ({ due }) =>
        `The job was still running when the start of ${due} was due. The current run continues; the skipped start is not made up for.`,
      next: ({ next }) =>
        `Nothing now: the next start is at ${next}. If the current run should have ended by now, \`kona-enroll status\` shows its progress.`,
    },
    broken_off: {
      title: ({ due }) => `the run of ${due} was broken off`,
      what: ({ due, closed }) =>
        `The run of the start of ${due} was broken off: its process is gone, and no other went on with it before its window closed at ${closed}.`,
      next: ({ next, byHand }) =>
        `See why the process or its machine is gone. The next start, at ${next}, goes on with the run, and calls nobody again that is done; where that can't wait, start the job by hand with \`${byHand}\`.`,
    },
  },
  earlier: (count) =>
    `${count} ${count === 1 ? 'start' : 'starts'} before it ${count === 1 ? 'was' : 'were'} missed as well.`,
};

const korean: StartTexts = {
  fates: {
    missed: {
      title: ({ due }) => `${due} 실행이 누락되었습니다`,
      what: ({ due, closed }) =>
        `${due}에 예정된 실행이 마감 시각 ${closed}까지 시작되지 않아 아무도 호출하지 않았습니다. \`kona-enroll serve\`가 실행 중이 아니었거나 여유 작업자가 없었습니다.`,
      next: ({ next, byHand }) =>
        `\`kona-enroll serve\`가 실행 중인지 확인하세요. 다음 실행(${next})이 남은 건을 모두 처리합니다. 기다릴 수 없으면 \`${byHand}\`으로 직접 실행하세요.`,
    },
    skipped: {
      title: ({ due }) => `작업이 아직 실행 중이어서 ${due} 실행을 건너뛰었습니다`,
      what: ({ due }) =>
        `${due}에 예정된 실행 시각에 이전 실행이 끝나지 않았습니다. 진행 중인 실행은 계속되며 건너뛴 실행은 다시 하지 않습니다.`,
      next: ({ next }) =>
        `지금 할 일은 없습니다. 다음 실행은 ${next}입니다. 이미 끝났어야 할 작업이라면 \`kona-enroll status\`로 진행 상황을 확인해 주십시오.`,
    },
    broken_off: {
      title: ({ due }) => `${due} 실행이 중단되었습니다`,
      what: ({ due, closed }) =>
        `${due}에 시작한 실행의 프로세스가 사라졌고, 마감 시각 ${closed}까지 다른 프로세스가 이어받지 못했습니다.`,
      next: ({ next, byHand }) =>
        `프로세스나 장비가 사라진 원인을 확인하세요. 다음 실행(${next})이 이어서 처리하며 이미 끝난 건은 다시 호출하지 않습니다. 기다릴 수 없으면 \`${byHand}\`으로 직접 실행하세요.`,
    },
  },
  earlier: (count) => `그 이전 실행 ${count}건도 누락되었습니다.`,
};

const byLanguage: Readonly<Record<Language, StartTexts>> = { ko: korean, en: english };

export interface ToldStart {
  readonly title: string;
  /** What happened to the start, in one or two sentences. */
  readonly what: string;
  /** What happens next, and what to do. */
  readonly next: string;
}

export function tellStart(start: UnmadeStart, language: Language): ToldStart {
  const { fates, earlier } = byLanguage[language];
  const texts = fates[start.fate];
  const due = new Date(start.dueAt);
  const words = {
    due: zonedTime(due, start.timeZone),
    closed: wallTime(new Date(start.closedAt), start.timeZone),
    next: zonedTime(new Date(start.nextAt), start.timeZone),
    byHand: `kona-enroll run ${start.jobFile}`,
  };
  const more = start.earlier === 0 ? '' : ` ${earlier(start.earlier)}`;
  return {
    title: texts.title({ ...words, due: wallTime(due, start.timeZone) }),
    what: `${texts.what(words)}${more}`,
    next: texts.next(words),
  };
}
