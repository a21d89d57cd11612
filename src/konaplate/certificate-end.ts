import { doubt, type Finding } from '../domain/setup/finding.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Renewing a certificate takes some weeks where a contract is behind it. */
const SOON_DAYS = 30;

function daysUntil(end: Date, now: Date): number {
  return Math.floor((end.getTime() - now.getTime()) / DAY_MS);
}

/** Returns a warning near the certificate's end; empty while there is time to renew it. */
export function doubtCertificateEnd(about: string, name: string, end: Date, now: Date): Finding[] {
  const days = daysUntil(end, now);
  if (days >= SOON_DAYS) return [];
  const left = days === 1 ? '1 day' : `${days} days`;
  const what = `${name}: its certificate ends in ${left}, on ${end.toISOString().slice(0, 10)}`;
  return [doubt(about, what, 'have it renewed before then')];
}
