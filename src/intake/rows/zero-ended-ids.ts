import { isZeroEnded } from './frequent-members.ts';

/** A spreadsheet keeps 15 digits of a number and writes zeros for the rest. */
const KEPT_DIGITS = 15;
const SHORTEST_LONG = 16;
const LENGTHS = 4;
/** Different ids that are judged together; a list is as many such blocks as it takes, so that memory does not grow with it. */
const BLOCK_IDS = 50_000;
/** False alarms: once in a million lists of sound ids, over all lengths and blocks together; half of it for each way. */
const FALSE_ALARMS = 1e-6;
/** No list is longer; in so many places a row of such ids could begin. */
const MOST_ROWS = 1e9;

export interface ZeroEndedIds {
  /** Digits an id of these has. */
  readonly length: number;
  /** Different ids that were looked at; null: the zero-ended ones follow one another. */
  readonly ids: number | null;
  /** Different ids that end in zeros from the 16th digit on. */
  readonly zeroEnded: number;
  /** Line of the first. */
  readonly firstLine: number;
}

interface Group {
  block: number;
  firstLine: number;
  zeroEnded: number;
  /** Zero-ended ids since the last that is not, and the line of the first. */
  inARow: number;
  rowLine: number;
  readonly ids: Set<string>;
}

/**
 * Notices that long ids went through a spreadsheet as numbers: more of them end in zeros than chance would give, of all
 * or one after the other, as where a few were appended from a spreadsheet. An id that comes several times, as that of a
 * member with several cards does, counts once.
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
    if (group.ids.has(userId)) return;
    group.ids.add(userId);
    if (isZeroEnded(userId)) this.countZeroEnded(group, length, line);
    else group.inARow = 0;
    if (group.ids.size === BLOCK_IDS) this.closeBlock(length, group);
  }

  /** At the end of the list. */
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
  return { block: 1, firstLine: 0, zeroEnded: 0, inARow: 0, rowLine: 0, ids: new Set() };
}

function chanceOf(length: number): number {
  return 10 ** (KEPT_DIGITS - length);
}

/** Chernoff's bound: at most so likely are `hits` or more of `tries`, each by `chance`. */
export function mostChance(tries: number, hits: number, chance: number): number {
  const share = hits / tries;
  if (tries === 0 || share <= chance) return 1;
  const missed = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - chance));
  return Math.exp(-tries * (share * Math.log(share / chance) + missed));
}
