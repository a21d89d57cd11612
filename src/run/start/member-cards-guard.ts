import type { Configuration } from '../../config/configuration.ts';
import type { Words } from '../../domain/language.ts';
import { maskId } from '../../domain/identity/masking.ts';
import { type ListAdvice, ListRefusedError } from '../../intake/list-errors.ts';
import type { ListFormat } from '../../intake/list-format.ts';
import type { OpenedList } from '../../intake/opened-list.ts';
import { EXPORT_AGAIN } from '../../intake/rows/damage-watch.ts';
import { isZeroEnded } from '../../intake/rows/frequent-members.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { countCards, findZeroEndedMember } from '../../ledger/runs/member-cards.ts';

/** Most cards of one member whose id looks rounded. With more, several members were probably rounded to one id. */
const MOST_CARDS_OF_ROUNDED = 5;
/** A shorter list may be one member's test cards. */
const FEWEST_ROWS = 40;
const LARGEST_SHARE = 0.1;

/** A user id with more cards than one member has, because a spreadsheet may have made one id of several. */
export interface ManyCards {
  /** Whether the id ends in zeros as a rounded id does. */
  readonly kind: 'rounded' | 'any';
  /** Masked. */
  readonly userId: string;
  readonly cards: number;
  readonly firstLine: number;
}

type CountedList = Pick<OpenedList, 'counts' | 'frequentMembers' | 'handedBack'>;

/**
 * Looks for a member with too many cards in a staged list. A handed-back list is a part of a list that was judged
 * before, so one member may have a large share of it; there only ids that look rounded count. Resolves with null where
 * all is well.
 */
export async function findManyCards(
  on: Queryable,
  runNo: number,
  list: CountedList,
  { cardsPerMember }: Pick<Configuration['listOptions'], 'cardsPerMember'>,
): Promise<ManyCards | null> {
  const { userIds, zeroEndedRows } = list.frequentMembers();
  if (zeroEndedRows > MOST_CARDS_OF_ROUNDED) {
    const rounded = await findZeroEndedMember(on, runNo, MOST_CARDS_OF_ROUNDED);
    if (rounded !== null) return { ...rounded, kind: 'rounded', userId: maskId(rounded.userId) };
  }
  const { rowsRead } = list.counts();
  const others = userIds.filter((userId) => !isZeroEnded(userId));
  if (list.handedBack || rowsRead < FEWEST_ROWS || others.length === 0) return null;
  const [most] = await countCards(on, runNo, others);
  if (most === undefined || most.cards <= cardsPerMember || most.cards <= rowsRead * LARGEST_SHARE)
    return null;
  return { ...most, kind: 'any', userId: maskId(most.userId) };
}

type JudgedList = Pick<OpenedList, 'name' | 'header' | 'columns' | keyof ListFormat>;

/**
 * Throws ListRefusedError unless a person or the job file has confirmed it. For a list from a database it only warns.
 */
export function assertCards(
  found: ManyCards | null,
  list: JudgedList,
  { listOptions, flags }: Pick<Configuration, 'listOptions' | 'flags'>,
): void {
  if (found === null || flags.yes || list.format === 'postgres') return;
  if (found.kind === 'rounded' && listOptions.idsMayEndInZeros) return;
  throw new ListRefusedError({
    reason: 'cards',
    file: list.name,
    format: list,
    line: found.firstLine,
    column: list.header[list.columns.userId] ?? null,
    what: found.kind === 'rounded' ? describeRounded(found) : describeMany(found),
    advice: found.kind === 'rounded' ? ROUNDED_ADVICE : MANY_ADVICE,
  });
}

function describeRounded({ userId, cards }: ManyCards): Words {
  return {
    en: `the user id "${userId}" has ${cards} different PARs and only zeros after its 15th digit: a spreadsheet read several ids as numbers and made one of them`,
    ko: `회원번호 "${userId}"에 서로 다른 PAR이 ${cards}개이고 16번째 자리부터 모두 0입니다. 스프레드시트가 여러 번호를 숫자로 읽어 하나로 만든 것입니다`,
  };
}

function describeMany({ userId, cards }: ManyCards): Words {
  return {
    en: `the user id "${userId}" has ${cards} different PARs, more than a tenth of the list: no member has so many cards`,
    ko: `회원번호 "${userId}"에 서로 다른 PAR이 ${cards}개로 목록의 10분의 1을 넘습니다. 한 회원의 카드가 그렇게 많을 수 없습니다`,
  };
}

const ROUNDED_ADVICE: ListAdvice = {
  ...EXPORT_AGAIN,
  atTerminal: {
    en: 'where that id is the same in the system it came from, give --yes, or say list.idsMayEndInZeros: true in a job file',
    ko: '원래 시스템에서도 그런 번호라면 --yes를 붙이거나 작업 파일에 list.idsMayEndInZeros: true를 적어 주십시오',
  },
};
const MANY_ADVICE: ListAdvice = {
  en: 'see whether the column of user ids is the right one and was filled down by mistake',
  ko: '회원번호 열이 맞는지, 같은 값으로 채워지지 않았는지 확인해 주십시오',
  atTerminal: {
    en: 'where one member really has so many, give --yes, or a larger number in list.cardsPerMember of a job file',
    ko: '정말 한 회원의 카드라면 --yes를 붙이거나 작업 파일의 list.cardsPerMember에 더 큰 수를 적어 주십시오',
  },
};
