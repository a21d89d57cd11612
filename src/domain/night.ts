/**
 * The night an instant belongs to, from noon to noon in `timeZone`, named by the date of its evening
 * (`yyyy-MM-dd`). Once-a-night, retry.nights and maxCalls count by it, so that a run that starts before
 * midnight and ends after it is one night's work.
 */
export function nightOf(instant: Date, timeZone: string): string {
  const twelveHoursEarlier = new Date(instant.getTime() - 12 * 60 * 60 * 1000);
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(twelveHoursEarlier);
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}
