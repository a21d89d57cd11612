import { isSmallList } from '../../domain/small-list.ts';

/** A job that waits for permits of a window. */
export interface WaitingJob {
  readonly job: string;
  /** Rows of its run; null: not known, which is taken for a long one. */
  readonly rows: number | null;
}

/** Short runs together get no less than one permit in so many. Three in ten are promised, and a share takes a moment to move. */
const SHORT_ONE_IN = 3;

/**
 * How many of `permits` a waiting job gets: equal parts, of which short runs together have at least a third, however
 * many longer ones wait beside them. Permits that can't be divided go around with `turn`.
 */
export function partOf(job: string, jobs: readonly WaitingJob[], permits: number, turn: number): number {
  const short = findShort(jobs);
  const isEqual = short.length === 0 || short.length * SHORT_ONE_IN >= jobs.length;
  if (isEqual) return evenPart(job, namesOf(jobs), permits, turn);
  const ofShort = permits === 1 ? Number(turn % SHORT_ONE_IN === 0) : Math.ceil(permits / SHORT_ONE_IN);
  if (short.some((one) => one.job === job)) return evenPart(job, namesOf(short), ofShort, turn);
  const long = namesOf(jobs.filter((one) => !short.includes(one)));
  // A single permit is theirs in two turns of three, which they count by themselves, or some would never have it.
  const ownTurn = permits === 1 ? turn - Math.floor(turn / SHORT_ONE_IN) - 1 : turn;
  return evenPart(job, long, permits - ofShort, ownTurn);
}

/** Those of small lists; where none is, the one that is shorter than all others, such as an upload beside the night's lists. */
function findShort(jobs: readonly WaitingJob[]): readonly WaitingJob[] {
  const small = jobs.filter(({ rows }) => rows !== null && isSmallList(rows));
  if (small.length > 0) return small;
  const rowsOf = ({ rows }: WaitingJob): number => rows ?? Infinity;
  const shortest = Math.min(...jobs.map(rowsOf));
  const found = jobs.filter((one) => rowsOf(one) === shortest);
  return found.length === 1 ? found : [];
}

function namesOf(jobs: readonly WaitingJob[]): readonly string[] {
  return jobs.map(({ job }) => job).toSorted((a, b) => (a < b ? -1 : 1));
}

function evenPart(job: string, jobs: readonly string[], permits: number, turn: number): number {
  const place = (jobs.indexOf(job) + turn) % jobs.length;
  return Math.floor(permits / jobs.length) + (place < permits % jobs.length ? 1 : 0);
}
