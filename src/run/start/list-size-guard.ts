import type { Configuration } from '../../config/configuration.ts';
import { ListRefusedError } from '../../intake/list-errors.ts';
import type { ListFormat } from '../../intake/list-format.ts';
import type { OpenedList } from '../../intake/opened-list.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readRowsOfCompleteRuns } from '../../ledger/runs/run-table.ts';

/** How many last lists tell the usual size, and below how many of them nothing is usual. */
const LISTS_LOOKED_AT = 5;
const FEWEST_LISTS = 3;
/** A difference of fewer rows is never unusual, whatever its share. */
const SMALLEST_CHANGE_ROWS = 100;

/** How a list's size compares with the job's usual size. */
export interface ListSize {
  readonly rows: number;
  /** Median of the job's last complete lists; null: too few of them yet. */
  readonly usualRows: number | null;
  /** The difference from the usual size, rounded, with its sign; null where no size is usual. */
  readonly changePercent: number | null;
  /** True where the difference exceeds what the job allows without `--yes`. */
  readonly isUnusual: boolean;
}

type WeighingConfiguration = Pick<Configuration, 'job' | 'providerName' | 'lists'> & {
  readonly guards: Pick<Configuration['guards'], 'listSizePercent'>;
};

interface WeighedList extends Pick<OpenedList, 'name' | 'handedBack'> {
  counts(): Pick<ReturnType<OpenedList['counts']>, 'rowsRead'>;
}

/** Judges the size of a list that was read to its end. A handed-back list has no usual size and is not judged. */
export async function weighList(
  on: Queryable,
  { job, providerName: provider, lists, guards }: WeighingConfiguration,
  list: WeighedList,
): Promise<ListSize> {
  const { rowsRead: rows } = list.counts();
  if (list.handedBack) return judgeListSize([], rows, null);
  return await compareListSize(
    on,
    { job, provider, name: list.name, rows, lists: lists.length },
    guards.listSizePercent,
  );
}

/** The list to be judged, and the start it is part of. */
interface SizedList {
  readonly job: string;
  readonly provider: string;
  readonly name: string;
  readonly rows: number;
  /** Lists of this start: of several each may have a size of its own. */
  readonly lists: number;
}

/**
 * Compares with the last lists of the same name. Where there are too few, as with files named by date, it compares with
 * the job's last lists, unless a start has several lists.
 */
export async function compareListSize(
  on: Queryable,
  { job, provider, name, rows, lists }: SizedList,
  allowedPercent: number | null,
): Promise<ListSize> {
  const ofName = await readRowsOfCompleteRuns(on, { job, provider, listName: name }, LISTS_LOOKED_AT);
  if (ofName.length >= FEWEST_LISTS) return judgeListSize(ofName, rows, allowedPercent);
  if (lists > 1) return judgeListSize([], rows, allowedPercent);
  const ofJob = await readRowsOfCompleteRuns(on, { job, provider, listName: null }, LISTS_LOOKED_AT);
  return judgeListSize(ofJob, rows, allowedPercent);
}

export function judgeListSize(
  last: readonly number[],
  rows: number,
  allowedPercent: number | null,
): ListSize {
  const usualRows =
    last.length < FEWEST_LISTS ? null : (last.toSorted((a, b) => a - b)[last.length >> 1] ?? null);
  if (usualRows === null) return { rows, usualRows, changePercent: null, isUnusual: false };
  const change = rows - usualRows;
  const percent = usualRows === 0 ? (change > 0 ? 100 : 0) : (change / usualRows) * 100;
  const isLarge = Math.abs(change) >= SMALLEST_CHANGE_ROWS;
  const isUnusual = allowedPercent !== null && isLarge && Math.abs(percent) > allowedPercent;
  return { rows, usualRows, changePercent: Math.round(percent), isUnusual };
}

/** Throws ListRefusedError for a list of unusual size, unless a person agreed to it (`--yes`). */
export function assertListSize(
  size: ListSize,
  list: Pick<OpenedList, 'name' | keyof ListFormat>,
  saidYes: boolean,
): void {
  if (!size.isUnusual || saidYes) return;
  const { rows, usualRows, changePercent } = size;
  const change = Math.abs(changePercent ?? 0);
  const isMore = rows > (usualRows ?? 0);
  throw new ListRefusedError({
    reason: 'size',
    file: list.name,
    format: list,
    line: null,
    column: null,
    what: {
      en: `the list has ${rows} rows, ${change}% ${isMore ? 'more' : 'fewer'} than the ${usualRows ?? 0} this job usually has (guards.listSize)`,
      ko: `목록이 ${rows}건으로, 이 작업의 평소 ${usualRows ?? 0}건보다 ${change}% ${isMore ? '많습니다' : '적습니다'} (guards.listSize)`,
    },
    advice: {
      en: 'see whether it is the right list and whole',
      ko: '맞는 목록이고 빠진 것이 없는지 확인해 주십시오',
      atTerminal: { en: 'if so, run it again with --yes', ko: '그렇다면 --yes를 붙여 다시 실행해 주십시오' },
    },
  });
}
