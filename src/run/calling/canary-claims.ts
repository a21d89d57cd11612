import { Canary } from '../../dispatch/guards/canary.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ClaimedSet } from '../../ledger/runs/claiming.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';

/** A canary of half the list would spare little, and of a list that short a person sees as much at the end. */
const LEAST_MULTIPLE = 2;
/** While the canary is weighed, records of it that come again are looked for so often. */
const POLL_MS = 200;
/** As long as other runs have in hand what it lacks, they are asked so often whether they are done. */
const OTHERS_POLL_MS = 1_000;

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
  /** Claims its records, spread over the list; maybe fewer, where other runs have some in hand. */
  readonly claim: (count: number) => Promise<ClaimedSet>;
  /**
   * Claims others in their place, wherever they are, as many as are free once what others did is settled. None while
   * other runs have in hand all that is left; null when nothing is left.
   */
  readonly claimFurther: (count: number) => Promise<ClaimedSet | null>;
  /** Remembers that the run need not do it again. */
  readonly passed: () => Promise<void>;
  /** Gives the sets of all others; `taken`: records that were claimed for the canary. */
  readonly startRest: (taken: number) => () => Promise<ClaimedSet | null>;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

const nothing: ClaimedSet = { records: [], skipped: 0, lastRowNo: null };

/**
 * The canary's records first, and nobody else until they are found well. Those it has are called while it waits for
 * more: two runs that both kept theirs back would wait for each other. Null when the list has no more for this run.
 */
export function createCanaryClaims(options: CanaryClaimsOptions): () => Promise<ClaimedSet | null> {
  const { canary, clock, stop } = options;
  let hasBegun = false;
  let taken = 0;
  let rest: (() => Promise<ClaimedSet | null>) | null = null;

  function take(set: ClaimedSet): ClaimedSet {
    taken += set.records.length;
    canary.add(set.records.map((record) => record.recordNo));
    return set;
  }

  async function wait(milliseconds: number): Promise<void> {
    await Promise.race([canary.weighed, clock.sleep(milliseconds, stop)]);
  }

  async function fillUp(): Promise<ClaimedSet | null> {
    const set = await options.claimFurther(canary.missing);
    // Nobody is left to be spared.
    if (set === null) return null;
    if (set.records.length > 0) return take(set);
    await wait(OTHERS_POLL_MS);
    return nothing;
  }

  async function goOn(): Promise<ClaimedSet | null> {
    await options.passed();
    rest = options.startRest(taken);
    return await rest();
  }

  return async () => {
    if (rest !== null) return await rest();
    if (stop.aborted) return nothing;
    if (!hasBegun) {
      hasBegun = true;
      return take(await options.claim(canary.size));
    }
    if (canary.verdict.kind === 'open' && canary.missing > 0) return await fillUp();
    if (canary.verdict.kind === 'open') await wait(POLL_MS);
    return canary.verdict.kind === 'passed' ? await goOn() : nothing;
  };
}
