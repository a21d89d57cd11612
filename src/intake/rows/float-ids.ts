/** Below this spacing of floating-point numbers too many ids are such numbers by chance. */
const SMALLEST_SPACING = 16n;
/** Numbers from 2^53 on are spaced more than 1 apart. */
const EXACT_BITS = 53;
/** Number of different ids after which the list has shown what it holds. */
const MOST_JUDGED = 5_000;
/** Share of ids that may have come from elsewhere, such as a row added by hand. */
const MOST_OTHERS = 0.05;
/** Chance that correct ids look like this: one in 10^12. */
const LOG_CHANCE = Math.log(1e-12);
/**
 * Number of ids from which those with an odd and those with an even mantissa must both be frequent, as they are after
 * rounding. Ids that are built from powers of two, such as a time and a counter that stays 0, have one kind only.
 */
const FEWEST_FOR_SHARES = 20;
const SMALLEST_SHARE = 0.1;

export interface FloatIds {
  /** Number of different ids that were checked. */
  readonly ids: number;
  /** Number of these that are floating-point numbers. */
  readonly rounded: number;
  /** Line of the first one. */
  readonly firstLine: number;
}

/** How a program writes a floating-point number as digits: its exact value, or the shortest text that gives it. */
interface Writing {
  rounded: number;
  firstLine: number;
  /** Sum of the logarithms of the spacings. */
  logSpacings: number;
  /** Decimal zeros that all of these ids have at their end. */
  zeros: number;
}

/**
 * Notices long ids that a program kept as 64-bit floating-point numbers, as JavaScript, jq and data frames do: such
 * numbers are 16 to 2,048 apart here, so nearly every id has become that of another member, though all digits stand
 * there. Ids that really have this form, in steps of a power of two or ten, are told apart where that is possible.
 */
export class FloatIdWatch {
  private readonly seen = new Set<string>();
  private readonly exact: Writing = startWriting();
  private readonly shortest: Writing = startWriting();
  private oddMantissas = 0;

  look(userId: string, line: number): void {
    if (userId.length < 18 || this.seen.size >= MOST_JUDGED || this.seen.has(userId)) return;
    const id = BigInt(userId);
    const spacing = spacingAt(id);
    if (spacing < SMALLEST_SPACING) return;
    this.seen.add(userId);
    if (BigInt(Number(userId)) === id) {
      keep(this.exact, { userId, line, spacing });
      if ((id / spacing) % 2n === 1n) this.oddMantissas += 1;
    }
    if (String(Number(userId)) === userId) keep(this.shortest, { userId, line, spacing });
  }

  /** Returns the result at the end of the list; null where the ids are no such numbers. */
  finish(): FloatIds | null {
    const ids = this.seen.size;
    // 10^k is a multiple of 2^k, so ids in steps of 10^k are such numbers more often than others.
    const isExact = this.isBeyondChance(this.exact, Math.LN2) && this.hasBothMantissas();
    const found = isExact ? this.exact : this.isBeyondChance(this.shortest, Math.LN10) ? this.shortest : null;
    return found === null ? null : { ids, rounded: found.rounded, firstLine: found.firstLine };
  }

  private isBeyondChance({ rounded, logSpacings, zeros }: Writing, logOfStep: number): boolean {
    if (rounded === 0 || rounded < this.seen.size * (1 - MOST_OTHERS)) return false;
    return rounded * zeros * logOfStep - logSpacings < LOG_CHANCE;
  }

  private hasBothMantissas(): boolean {
    const { rounded } = this.exact;
    const fewer = Math.min(this.oddMantissas, rounded - this.oddMantissas);
    return fewer > 0 && (rounded < FEWEST_FOR_SHARES || fewer >= rounded * SMALLEST_SHARE);
  }
}

function startWriting(): Writing {
  return { rounded: 0, firstLine: 0, logSpacings: 0, zeros: Infinity };
}

interface RoundedId {
  readonly userId: string;
  readonly line: number;
  readonly spacing: bigint;
}

function keep(writing: Writing, { userId, line, spacing }: RoundedId): void {
  if (writing.rounded === 0) writing.firstLine = line;
  writing.rounded += 1;
  writing.logSpacings += Math.log(Number(spacing));
  writing.zeros = Math.min(writing.zeros, userId.length - userId.replace(/0+$/, '').length);
}

/** Returns the distance between neighbouring floating-point numbers of this size. */
function spacingAt(id: bigint): bigint {
  return 1n << BigInt(Math.max(0, id.toString(2).length - EXACT_BITS));
}
