import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** One figure of ours beside another; which of the two should be larger is said where it is printed. */
export interface BenchRatio {
  readonly of: string;
  readonly ours: number;
  readonly beside: number;
  readonly ratio: number;
}

export function ratioOf(of: string, ours: number, beside: number): BenchRatio {
  return { of, ours: round(ours), beside: round(beside), ratio: round(ours / beside) };
}

/** Both sides of each ratio, with what is aimed at: a bench says where a target is missed, and ends well all the same. */
export function describeRatio({ of, ours, beside, ratio }: BenchRatio, aim: Aim | null): string {
  const figures = `${of}: ${ours} beside ${beside}, ratio ${ratio}`;
  if (aim === null) return figures;
  const isMet = aim.atLeast === undefined ? ratio <= aim.atMost : ratio >= aim.atLeast;
  const bound = aim.atLeast === undefined ? `at most ${aim.atMost}` : `at least ${aim.atLeast}`;
  return `${figures}, ${isMet ? 'meets' : 'MISSES'} ${bound}`;
}

export type Aim =
  | { readonly atLeast: number; readonly atMost?: undefined }
  | { readonly atMost: number; readonly atLeast?: undefined };

/** What the figures were measured on, and how busy it was: only ratios within one run can be compared. */
export function describeMachine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${gibibytes} GiB, Node ${process.versions.node}, load ${load}`;
}

const DIGITS = 4;

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
