import type { RowClass } from '../src/domain/class.ts';
import { createRandom } from '../src/sandbox/faults/random.ts';

/** One data row, made together with the end it must come to. */
export interface SampleRow {
  readonly cells: readonly string[];
  /** Class after a first run. */
  readonly end: RowClass;
  /** The provider's last code for it; null where it is not called. */
  readonly code: string | null;
  readonly card: CardCondition | null;
}

/** What the simulator must know of a row's card for the row to come to its end. */
export type CardCondition =
  | { readonly kind: 'answer'; readonly code: string }
  /** A line of the fixtures, without whom it is about. */
  | { readonly kind: 'condition'; readonly of: 'member' | 'card'; readonly text: string }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'registered'; readonly to: 'this user' | 'another user' };

export interface Recipe {
  readonly count: number;
  readonly end: RowClass;
  readonly code: string | null;
  readonly card: CardCondition | null;
  /** Takes the place of what would be made up. */
  readonly userId?: string;
  readonly par?: string;
  readonly name?: string;
  readonly shape?: 'short' | 'long';
}

/** Digits, capitals and made-up people; the same at every call. */
export interface Invention {
  userId(): string;
  par(): string;
  name(): string;
  joined(): string;
  shuffle<T>(items: readonly T[]): T[];
}

const surnames = ['김', '이', '박', '최', '정', '강', '조', '윤', '장', '임', '한', '오'] as const;
const givenNames = [
  '가람',
  '나래',
  '다솜',
  '마루',
  '바름',
  '새벽',
  '아라',
  '이든',
  '초롱',
  '하람',
  '한별',
  '은하',
] as const;
const PAR_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export function createInvention(seed: number): Invention {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = (items: ArrayLike<string>): string => items[below(items.length)] ?? '';
  const taken = new Set<string>();
  const once = (make: () => string): string => {
    let made = make();
    while (taken.has(made)) made = make();
    taken.add(made);
    return made;
  };
  const digits = (length: number): string =>
    String(1 + below(9)) + Array.from({ length: length - 1 }, () => below(10)).join('');
  return {
    // One in eight has more digits than a JavaScript number holds.
    userId: () => once(() => digits(below(8) === 0 ? 18 + below(2) : 7 + below(4))),
    par: () => once(() => `Q1${Array.from({ length: 25 }, () => pick(PAR_ALPHABET)).join('')}`),
    name: () => pick(surnames) + pick(givenNames),
    joined: () =>
      `${2012 + below(12)}-${String(1 + below(12)).padStart(2, '0')}-${String(1 + below(28)).padStart(2, '0')}`,
    shuffle: (items) => {
      const left = [...items];
      return items.flatMap(() => left.splice(below(left.length), 1));
    },
  };
}

export function makeRow(recipe: Recipe, invention: Invention): SampleRow {
  const { end, code, card } = recipe;
  const whole = [
    recipe.userId ?? invention.userId(),
    recipe.par ?? invention.par(),
    recipe.name ?? invention.name(),
    invention.joined(),
  ];
  const cells =
    recipe.shape === 'short' ? whole.slice(0, 1) : recipe.shape === 'long' ? [...whole, 'VIP'] : whole;
  return { cells, end, code, card };
}
