/** The zones we offer, of those the provider accepts in X-KM-Time-Zone. */
export type ProviderTimeZone = 'KST' | 'UTC';

/** The three times of a request, all written from one reading of the clock. */
export interface ProviderTimes {
  /** `yyyyMMddHHmmss`, for X-KM-Tran-Time. */
  readonly tranTime: string;
  /** `yyyyMMddHHmmssSSS`, inside X-KM-Tran-Token. */
  readonly tokenTime: string;
  /** `yyMMddHHmmss`, the head of X-KM-Correlation-Id. */
  readonly correlationPrefix: string;
}

/** Korea has had no daylight saving since 1988, so KST is a fixed offset and needs no zone data. */
const OFFSET_MS: Readonly<Record<ProviderTimeZone, number>> = { KST: 9 * 60 * 60 * 1000, UTC: 0 };

/** Formats the three times. The machine's own time zone does not matter. */
export function formatProviderTimes(instant: Date, zone: ProviderTimeZone): ProviderTimes {
  const iso = new Date(instant.getTime() + OFFSET_MS[zone]).toISOString();
  const date = iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
  const tranTime = date + iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 19);
  return { tranTime, tokenTime: tranTime + iso.slice(20, 23), correlationPrefix: tranTime.slice(2) };
}
