import type { Language } from '../../domain/language.ts';
import type { Summary } from '../summary.ts';

/**
 * Number of nights with the same rows from which a remark is made: an export that is not renewed any more looks like
 * that.
 */
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
      `The nights of ${rows === 1 ? '1 row were' : `${rows} rows were`} used up tonight: they are not called automatically any more, and operations must act (nights-used-up.csv).`,
    sameList: (nights) =>
      `The list has held the same rows for ${nights} nights in a row: check that its export is still renewed.`,
  },
};

/**
 * Returns what a person should know about the night in addition to its verdict, one sentence each; on most nights
 * none.
 */
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
