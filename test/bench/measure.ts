import { formatTable } from '../../src/cli/terminal/table.ts';
import { ratioOf, type BenchRatio } from './bench-result.ts';

export interface Contender {
  readonly name: string;
  readonly rows: number;
  /** Does it once, from the beginning. */
  readonly run: () => Promise<void>;
}

/** Contenders take turns so many times, and the medians count. One tells whether a bench still runs, and no speed. */
export const ROUNDS = Number(process.env['KONA_BENCH_ROUNDS'] ?? 3);

/** Rows a second of each, median of rounds in which they take turns. */
export async function measure(contenders: readonly Contender[]): Promise<ReadonlyMap<string, number>> {
  const seconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run } of contenders) {
      const start = performance.now();
      await run();
      seconds.get(name)?.push((performance.now() - start) / 1000);
    }
  }
  return new Map(contenders.map(({ name, rows }) => [name, rows / median(seconds.get(name) ?? [])]));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export interface Ratio {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly target: number | null;
}

export function printRatios(
  rates: ReadonlyMap<string, number>,
  ratios: readonly Ratio[],
): readonly BenchRatio[] {
  const rows = ratios.map(({ what, ours, theirs, target }) => {
    const [mine = Number.NaN, other = Number.NaN] = [rates.get(ours), rates.get(theirs)];
    const ratio = mine / other;
    const verdict = target === null ? '' : `${ratio >= target ? 'meets' : 'MISSES'} ${target}`;
    return [what, Math.round(mine), Math.round(other), ratio.toFixed(2), verdict];
  });
  console.log(formatTable(['rows/s', 'ours', 'theirs', 'ratio', 'target'], rows));
  return ratios.map(({ what, ours, theirs }) =>
    ratioOf(`rows/s, ${what}`, rates.get(ours) ?? Number.NaN, rates.get(theirs) ?? Number.NaN),
  );
}
