/** `in 3 h 20 min`. */
export function untilWords(now: Date, then: Date): string {
  const minutes = Math.ceil((then.getTime() - now.getTime()) / 60_000);
  return `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
