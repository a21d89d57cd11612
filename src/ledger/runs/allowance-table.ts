import { z } from 'zod';
import { onlyRow, type Queryable } from '../ledger-port.ts';

const shareSchema = z.object({
  /** Milliseconds of the epoch on the database's clock. */
  seenAt: z.number(),
  windows: z.array(
    z.object({
      windowMs: z.number(),
      /** The limit this job names; null: none. */
      count: z.number().nullable(),
      /** Permits only this job may use: those it may take and those on their way back. */
      held: z.number(),
    }),
  ),
  /** Its calls wait for permits. */
  wants: z.boolean(),
  /** It can't call for a while and has nothing out: its limits bind nobody. */
  isResting: z.boolean().default(false),
  /** Which part of the rate it uses while the provider is in trouble; 1: all. */
  fraction: z.number(),
  /** The limit by the day this job names; null: none. */
  dayCount: z.number().nullable().default(null),
});

const daySchema = z.object({
  /** Milliseconds of the epoch on the database's clock. */
  endsAt: z.number(),
  /** Calls made in it, and those lent to live runs. */
  used: z.number(),
});

/** A provider's calls of one day. */
export type AllowanceDay = Readonly<z.infer<typeof daySchema>>;

/** What one job's live run holds of a provider's allowance. */
export type AllowanceShare = Readonly<z.infer<typeof shareSchema>>;

/** By job. */
export type AllowanceShares = Readonly<Record<string, AllowanceShare>>;

export interface Allowance {
  readonly shares: AllowanceShares;
  /** Null: no job has counted one yet. */
  readonly day: AllowanceDay | null;
  /** The database's clock, milliseconds of the epoch. */
  readonly now: number;
}

/** The provider's allowance; nobody else changes it before the transaction ends. */
export async function lockAllowance(transaction: Queryable, provider: string): Promise<Allowance> {
  const rows = await transaction.query<{ shares: unknown; day: unknown }>(
    `insert into allowance (provider) values ($1) on conflict (provider) do update set provider = excluded.provider
     returning shares, day`,
    [provider],
  );
  // After the lock, which may have been waited for.
  const clock = await transaction.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  );
  const row = onlyRow(rows);
  const shares = z.record(z.string(), shareSchema).safeParse(row.shares);
  const day = daySchema.safeParse(row.day);
  return {
    shares: shares.success ? shares.data : {},
    day: day.success ? day.data : null,
    now: onlyRow(clock).now,
  };
}

export async function writeShares(
  transaction: Queryable,
  provider: string,
  shares: AllowanceShares,
  day: AllowanceDay | null,
): Promise<void> {
  await transaction.query('update allowance set shares = $2::jsonb, day = $3::jsonb where provider = $1', [
    provider,
    JSON.stringify(shares),
    day === null ? null : JSON.stringify(day),
  ]);
}
