/**
 * A break: two of list, ledger and provider say different things of one member's card. The first four kinds come of
 * comparing with the list, the others of asking the provider.
 */
export const breakKinds = [
  /** In the list, and not enrolled. */
  'not_enrolled',
  /** Enrolled by us, and no longer in the list. */
  'no_longer_listed',
  /** The list names another PAR for a member than the one we have enrolled. */
  'par_changed',
  /** Enrolled, and no longer in the list; the member's newer card is listed and enrolled. */
  'old_card',
  /** Among a member's plans at the provider, and no success in the ledger. */
  'unknown_to_us',
  /** Success in the ledger, and not among the member's plans. */
  'missing_at_provider',
  /** The PAR is among the plans of another member than the one we know it of. */
  'other_member',
] as const;
export type BreakKind = (typeof breakKinds)[number];

/** Columns of breaks.csv and breaks.xlsx, whose names scripts rely on; people fill in the last one. */
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

/** `explained` by a person, with a note; `closed` by itself, when a comparison no longer found it. */
export const breakStates = ['open', 'explained', 'closed'] as const;
export type BreakState = (typeof breakStates)[number];

/** How many nights a break has been there: tonight, and so on. */
export const ageBuckets = ['0', '1-2', '3-7', '8-30', '31+'] as const;
export type AgeBucket = (typeof ageBuckets)[number];

/** `nights` since the night it was first seen; 0 is tonight. */
export function ageBucketOf(nights: number): AgeBucket {
  if (nights <= 0) return '0';
  if (nights <= 2) return '1-2';
  if (nights <= 7) return '3-7';
  return nights <= 30 ? '8-30' : '31+';
}

/** Breaks of one kind as of one moment. No ids. */
export interface BreakFigures {
  readonly kind: BreakKind;
  /** Open, first seen in the night the moment belongs to. */
  readonly fresh: number;
  /** Open, first seen in an earlier night. */
  readonly stillOpen: number;
  readonly explained: number;
  /** Closed by themselves in the night the moment belongs to. */
  readonly gone: number;
  /** All that are open, by age. */
  readonly ages: Readonly<Record<AgeBucket, number>>;
}

/** Those somebody must look at: explained ones need nobody. */
export function countOpenBreaks(figures: readonly BreakFigures[]): number {
  return figures.reduce((sum, { fresh, stillOpen }) => sum + fresh + stillOpen, 0);
}
