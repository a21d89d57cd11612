/** The most of `arrivals` in any window [t, t + windowMs). */
export function fullestWindow(arrivals: readonly number[], windowMs: number): number {
  const sorted = arrivals.toSorted((a, b) => a - b);
  let fullest = 0;
  let first = 0;
  sorted.forEach((arrival, index) => {
    while (arrival - (sorted[first] ?? arrival) >= windowMs) first += 1;
    fullest = Math.max(fullest, index - first + 1);
  });
  return fullest;
}
