/**
 * The night an instant belongs to, from noon to noon in `timeZone`, named by the date of its evening
 * (`yyyy-MM-dd`). Once-a-night, retry.nights and maxCalls count by it, so that a run that starts before
 * midnight and ends after it is one night's work.
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
  // By the calendar, not by twelve hours less: on a day the clocks change noon is 11 or 13 hours after midnight.
  const evening = part('hour') < 12 ? part('day') - 1 : part('day');
  return new Date(Date.UTC(part('year'), part('month') - 1, evening)).toISOString().slice(0, 10);
}

/** How many nights the later one is after the earlier one, both as `nightOf` names them. */
export function nightsBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 86_400_000;
}
