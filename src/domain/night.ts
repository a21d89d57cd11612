/**
 * Returns the night an instant belongs to, from noon to noon in `timeZone`, named by the date of its evening
 * (`yyyy-MM-dd`). Once-a-night, retry.nights and maxCalls count by it, so that a run across midnight is one night's
 * work.
 */
export function nightOf(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
  }).formatToParts(instant);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
  // Go by the calendar, not by twelve hours less: on a day when the clocks change, noon is 11 or 13 hours after
  // midnight.
  const evening = part('hour') < 12 ? part('day') - 1 : part('day');
  return new Date(Date.UTC(part('year'), part('month') - 1, evening)).toISOString().slice(0, 10);
}

/** Returns how many nights the later one is after the earlier one, both named as by `nightOf`. */
export function nightsBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 86_400_000;
}
