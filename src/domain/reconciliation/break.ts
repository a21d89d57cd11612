/**
 * A break: two of list, ledger and provider disagree about one member's card. The first four kinds come from
 * comparing with the list, the others from asking the provider.
 */
export const breakKinds = [
  /** The record is in the list, but not enrolled. */
  'not_enrolled',
  /** We enrolled the record, but it is no longer in the list. */
  'no_longer_listed',
  /** The list names another PAR for the member than the one we enrolled. */
  'par_changed',
  /** The record is enrolled and no longer in the list; the member's newer card is listed and enrolled. */
  'old_card',
  /** The card is among the member's plans at the provider, but is no success in the ledger. */
  'unknown_to_us',
  /** The record is a success in the ledger, but not among the member's plans. */
  'missing_at_provider',
  /** The PAR is among the plans of another member than the one we know it from. */
  'other_member',
] as const;
export type BreakKind = (typeof breakKinds)[number];

/** Columns of breaks.csv and breaks.xlsx. Scripts rely on the names; people fill in the last column. */
export const breakColumns = [
  'break',
  'kind',
  'user_id',
  'par',
  'other_user_id',
  'other_par',
  'details',
  'first_night',
  'nights',
  'what_to_do',
  'note',
] as const;

/** `explained`: a person wrote a note; `closed`: a comparison no longer found the break. */
export const breakStates = ['open', 'explained', 'closed'] as const;
export type BreakState = (typeof breakStates)[number];

/** Age of a break in nights, in groups; 0 is tonight. */
export const ageBuckets = ['0', '1-2', '3-7', '8-30', '31+'] as const;
export type AgeBucket = (typeof ageBuckets)[number];

/** Returns the group of an age. `nights` since the night the break was first seen; 0 is tonight. */
export function ageBucketOf(nights: number): AgeBucket {
  if (nights <= 0) return '0';
  if (nights <= 2) return '1-2';
  if (nights <= 7) return '3-7';
  return nights <= 30 ? '8-30' : '31+';
}

/** Breaks of one kind at one moment. Holds no ids. */
export interface BreakFigures {
  readonly kind: BreakKind;
  /** Open breaks first seen in the night the moment belongs to. */
  readonly fresh: number;
  /** Open breaks first seen in an earlier night. */
  readonly stillOpen: number;
  readonly explained: number;
  /** Breaks that closed by themselves in the night the moment belongs to. */
  readonly gone: number;
  /** All open breaks, by age. */
  readonly ages: Readonly<Record<AgeBucket, number>>;
}

/** Counts the breaks that somebody must look at; explained ones need nobody. */
export function countOpenBreaks(figures: readonly BreakFigures[]): number {
  return figures.reduce((sum, { fresh, stillOpen }) => sum + fresh + stillOpen, 0);
}
