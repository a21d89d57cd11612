import { DistinctIds } from './distinct-ids.ts';
import { isZeroEnded } from './frequent-members.ts';

/** A spreadsheet keeps 15 digits of a number and writes zeros for the rest. */
const KEPT_DIGITS = 15;
const SHORTEST_LONG = 16;
const LENGTHS = 4;
/**
 * Number of different ids that are judged together. A list is divided into such blocks, so that memory does not grow
 * with it.
 */
const BLOCK_IDS = 50_000;
/**
 * Chance of a false alarm: one in a million lists of correct ids, over all lengths and blocks together; half of it
 * for each of the two tests.
 */
const FALSE_ALARMS = 1e-6;
/** Upper limit for the rows of a list, and so for the places where a sequence of such ids could begin. */
const MOST_ROWS = 1e9;

export interface ZeroEndedIds {
  /** Number of digits of these ids. */
  readonly length: number;
  /** Number of different ids that were checked; null where the zero-ended ids follow one another. */
  readonly ids: number | null;
  /** Number of different ids with only zeros from the 16th digit on. */
  readonly zeroEnded: number;
  /** Line of the first such id. */
  readonly firstLine: number;
}

interface Group {
  block: number;
  firstLine: number;
  zeroEnded: number;
  /** Number of consecutive zero-ended ids up to now, and the line of the first. */
  inARow: number;
  rowLine: number;
  readonly ids: DistinctIds;
}

/**
 * Notices that a spreadsheet read long ids as numbers: more of them end in zeros than chance explains. It tests all
 * ids together, and also ids that follow one another, as where a few rows were appended from a spreadsheet. An id
 * that occurs several times, as of a member with several cards, counts once.
 */
export class ZeroEndedIdWatch {
  private readonly groups = new Map<number, Group>();
  private found: ZeroEndedIds | null = null;
  private foundInARow: ZeroEndedIds | null = null;

  look(userId: string, line: number): void {
    const { length } = userId;
    if (length < SHORTEST_LONG || this.found !== null) return;
    const group = this.groups.get(length) ?? startGroup();
    this.groups.set(length, group);
    if (!group.ids.add(userId)) return;
    if (isZeroEnded(userId)) this.countZeroEnded(group, length, line);
    else group.inARow = 0;
    if (group.ids.size === BLOCK_IDS) this.closeBlock(length, group);
  }

  /** Returns the result at the end of the list. */
  finish(): ZeroEndedIds | null {
    for (const [length, group] of this.groups) this.closeBlock(length, group);
    return this.found ?? this.foundInARow;
  }

  private countZeroEnded(group: Group, length: number, line: number): void {
    if (group.zeroEnded === 0) group.firstLine = line;
    group.zeroEnded += 1;
    if (group.inARow === 0) group.rowLine = line;
    group.inARow += 1;
    const { inARow: zeroEnded, rowLine: firstLine } = group;
    if (chanceOf(length) ** zeroEnded * MOST_ROWS > FALSE_ALARMS / 2 / LENGTHS) return;
    const isLonger = zeroEnded > (this.foundInARow?.zeroEnded ?? 0);
    if (isLonger) this.foundInARow = { length, ids: null, zeroEnded, firstLine };
  }

  private closeBlock(length: number, group: Group): void {
    const { ids, block, firstLine, zeroEnded } = group;
    // The shares of all blocks, 1/2 + 1/6 + 1/12 + …, add up to 1.
    const allowed = FALSE_ALARMS / 2 / LENGTHS / (block * (block + 1));
    if (mostChance(ids.size, zeroEnded, chanceOf(length)) < allowed) {
      this.found ??= { length, ids: ids.size, zeroEnded, firstLine };
    }
    group.block += 1;
    group.zeroEnded = 0;
    ids.clear();
  }
}

function startGroup(): Group {
  return { block: 1, firstLine: 0, zeroEnded: 0, inARow: 0, rowLine: 0, ids: new DistinctIds(BLOCK_IDS) };
}

function chanceOf(length: number): number {
  return 10 ** (KEPT_DIGITS - length);
}

/**
 * Returns Chernoff's bound: an upper limit for the probability of `hits` or more in `tries`, each with probability
 * `chance`.
 */
export function mostChance(tries: number, hits: number, chance: number): number {
  const share = hits / tries;
  if (tries === 0 || share <= chance) return 1;
  const missed = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - chance));
  return Math.exp(-tries * (share * Math.log(share / chance) + missed));
}
