import type { Language } from '../../domain/language.ts';
import type { Summary } from '../summary.ts';

/** From so many nights with the same rows on it is told: an export that stopped being renewed looks like that. */
const TOLD_FROM_NIGHTS = 3;

interface NightRemarks {
  readonly usedUp: (rows: number) => string;
  readonly sameList: (nights: number) => string;
}

const remarks: Readonly<Record<Language, NightRemarks>> = {
  ko: {
    usedUp: (rows) =>
      `오늘 밤으로 호출 기한이 끝난 행이 ${rows}행 있습니다. 더 이상 자동으로 호출하지 않으므로 운영 담당자가 조치해야 합니다(nights-used-up.csv).`,
    sameList: (nights) =>
      `${nights}일째 목록의 내용이 똑같습니다. 목록이 새로 추출되고 있는지 확인해 주십시오.`,
  },
  en: {
    usedUp: (rows) =>
      `The nights of ${rows === 1 ? '1 row were' : `${rows} rows were`} used up tonight: no list calls them any more, and operations must act (nights-used-up.csv).`,
    sameList: (nights) =>
      `The list has held the same rows for ${nights} nights running: look whether its export is still renewed.`,
  },
};

/** What a person should know of the night beside its verdict, a sentence each; most nights none. */
export function tellNightRemarks(
  { nightsUsedUp, sameListNights }: Pick<Summary, 'nightsUsedUp' | 'sameListNights'>,
  language: Language,
): readonly string[] {
  const texts = remarks[language];
  return [
    ...(nightsUsedUp > 0 ? [texts.usedUp(nightsUsedUp)] : []),
    ...(sameListNights >= TOLD_FROM_NIGHTS ? [texts.sameList(sameListNights)] : []),
  ];
}
