import { formatRate, formatRates } from '../config/job-file/rate-limit.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import { readStretch } from '../ledger/runs/attempt-table.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { readLimitStretches, type Limits } from './run-limits.ts';

export interface MeasuredStretches {
  /** The limits, such as `20/s, 600/min`; `50/s, then 10/s` for a run that was continued under others. */
  readonly allowed: string;
  /** Each limit per second or minute, those of the last stretch first, with the fullest window under it. */
  readonly windows: readonly { readonly limit: string; readonly fullest: number }[];
  /** The fullest window of the first limit; per second where only a day is limited. */
  readonly fullest: number;
  /**
   * What the limits allowed per second, weighted by the calls made under each; Infinity where only a day was limited.
   */
  readonly allowedPerSecond: number;
}

type Rates = Limits['rates'];

/** Returns the limits that are held in a window; a day's calls are only counted. */
export function pacedOf(rates: Rates): Rates {
  return rates.filter(({ unit }) => unit !== 'day');
}

/** Returns the calls per second that all of these limits allow; Infinity where there is none. */
export function perSecondOf(paced: Rates): number {
  return Math.min(...paced.map((rate) => (rate.count * 1_000) / rate.windowMs));
}

/** Measures the calls a run made under each of its limits against that limit. */
export async function measureStretches(on: Queryable, run: RunRow): Promise<MeasuredStretches> {
  const stretches = readLimitStretches(run).toReversed();
  const windows = new Map<string, number>();
  let made = 0;
  let seconds = 0;
  let bySecond = 0;
  for (const stretch of stretches) {
    const paced = pacedOf(stretch.rates);
    let calls = 0;
    // Where only a day is limited, the fullest second is shown.
    for (const rate of paced.length === 0 ? [null] : paced) {
      const measured = await readStretch(on, run.run_no, stretch, rate?.windowMs ?? 1_000);
      calls = measured.calls;
      if (rate === null) bySecond = Math.max(bySecond, measured.fullest);
      else noteFullest(windows, formatRate(rate), measured.fullest);
    }
    made += calls;
    seconds += calls / perSecondOf(paced);
  }
  const [last] = stretches;
  const [first] = windows.values();
  const told = stretches.toReversed().map(({ rates }) => formatRates(rates) || 'unknown');
  return {
    allowed: told.filter((text, index) => text !== told[index - 1]).join(', then '),
    windows: [...windows].map(([limit, fullest]) => ({ limit, fullest })),
    fullest: first ?? bySecond,
    allowedPerSecond: seconds === 0 ? perSecondOf(pacedOf(last?.rates ?? [])) : made / seconds,
  };
}

function noteFullest(windows: Map<string, number>, limit: string, fullest: number): void {
  windows.set(limit, Math.max(windows.get(limit) ?? 0, fullest));
}
