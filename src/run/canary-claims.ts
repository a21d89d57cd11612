import { Canary } from '../dispatch/canary.ts';
import type { Clock } from '../domain/clock.ts';
import type { ClaimedSet } from '../ledger/claiming.ts';
import type { RunRow } from '../ledger/run-table.ts';

/** A canary of half the list would spare little, and of a list that short a person sees as much at the end. */
const LEAST_MULTIPLE = 2;
/** While the canary is weighed, records of it that come again are looked for so often. */
const POLL_MS = 200;

/**
 * The canary of a run that calls `due` records now, or null: switched off, found well before, or more than half of
 * the list. One that tripped is done again, however little is left.
 */
export function createCanary(
  size: number,
  { due, found }: { readonly due: number; readonly found: RunRow['canary'] },
): Canary | null {
  if (size === 0 || found === 'passed') return null;
  if (found === null && due <= size * LEAST_MULTIPLE) return null;
  return new Canary(Math.min(size, due));
}

export interface CanaryClaimsOptions {
  readonly canary: Canary;
  /** Claims its records; maybe fewer, where other runs have some in hand. */
  readonly claim: (count: number) => Promise<ClaimedSet>;
  /** Remembers that the run need not do it again. */
  readonly passed: () => Promise<void>;
  /** Gives the sets of all others; `taken`: records that were claimed for the canary. */
  readonly startRest: (taken: number) => () => Promise<ClaimedSet | null>;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

const nothing: ClaimedSet = { records: [], skipped: 0, lastRowNo: null };

/** The canary's records first, and nobody else until they are found well. */
export function createCanaryClaims(options: CanaryClaimsOptions): () => Promise<ClaimedSet | null> {
  const { canary, clock, stop } = options;
  let taken: number | null = null;
  let rest: (() => Promise<ClaimedSet | null>) | null = null;

  async function begin(): Promise<ClaimedSet | null> {
    const set = await options.claim(canary.size);
    taken = set.records.length;
    canary.begin(set.records.map((record) => record.recordNo));
    return taken === 0 ? await goOn(0) : set;
  }

  async function goOn(claimed: number): Promise<ClaimedSet | null> {
    rest ??= options.startRest(claimed);
    return await rest();
  }

  return async () => {
    if (rest !== null) return await rest();
    if (taken === null) return await begin();
    if (canary.verdict.kind === 'open') await Promise.race([canary.weighed, clock.sleep(POLL_MS, stop)]);
    if (canary.verdict.kind !== 'passed') return nothing;
    await options.passed();
    return await goOn(taken);
  };
}
