import { doubt, type Finding } from '../domain/setup/finding.ts';

const DAY_MS = 24 * 60 * 60_000;
/** To have one renewed takes some weeks where a contract stands behind it. */
const SOON_DAYS = 30;

function daysUntil(end: Date, now: Date): number {
  return Math.floor((end.getTime() - now.getTime()) / DAY_MS);
}

/** Empty while there is time to have it renewed. */
export function doubtCertificateEnd(about: string, name: string, end: Date, now: Date): Finding[] {
  const days = daysUntil(end, now);
  if (days >= SOON_DAYS) return [];
  const left = days === 1 ? '1 day' : `${days} days`;
  const what = `${name}: its certificate ends in ${left}, on ${end.toISOString().slice(0, 10)}`;
  return [doubt(about, what, 'have it renewed before then')];
}
