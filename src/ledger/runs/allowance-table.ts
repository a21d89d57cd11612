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
  /** Of its run; null: a version that did not tell has written it. */
  rows: z.number().nullable().default(null),
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
export type JobShare = Readonly<z.infer<typeof shareSchema>>;

/** By job. */
export type JobShares = Readonly<Record<string, JobShare>>;

/** What one process was told and all keep to. */
export interface SharedPause {
  /** By the database's clock; more than 0. */
  readonly leftMs: number;
  readonly why: 'throttled' | 'breaker';
}

/** By night and job: the calls made from a purse, and those lent to live runs. */
export type Purses = Readonly<Record<string, number>>;

const pursesSchema = z.record(z.string(), z.number());

export interface Allowance {
  readonly purses: Purses;
  readonly shares: JobShares;
  /** Null: no job has counted one yet. */
  readonly day: AllowanceDay | null;
  /** The database's clock, milliseconds of the epoch. */
  readonly now: number;
  /** Null: none is under way. */
  readonly pause: SharedPause | null;
}

/** Milliseconds left of the pause, by the database's clock. */
const pauseColumns =
  '(extract(epoch from pause_ends_at - clock_timestamp()) * 1000)::float8 as pause_left, pause_why';

interface PauseRow {
  readonly pause_left: number | null;
  readonly pause_why: SharedPause['why'] | null;
}

function pauseOf({ pause_left: leftMs, pause_why: why }: PauseRow): SharedPause | null {
  return leftMs === null || why === null || leftMs <= 0 ? null : { leftMs, why };
}

export async function readPause(on: Queryable, provider: string): Promise<SharedPause | null> {
  const [row] = await on.query<PauseRow>(`select ${pauseColumns} from allowance where provider = $1`, [
    provider,
  ]);
  return row === undefined ? null : pauseOf(row);
}

/** A longer pause under way stands. */
export async function writePause(
  on: Queryable,
  provider: string,
  { leftMs, why }: SharedPause,
): Promise<void> {
  await on.query(
    `insert into allowance as kept (provider, pause_ends_at, pause_why)
     values ($1, clock_timestamp() + make_interval(secs => $2), $3)
     on conflict (provider) do update set pause_ends_at = excluded.pause_ends_at, pause_why = excluded.pause_why
     where kept.pause_ends_at is null or kept.pause_ends_at < excluded.pause_ends_at`,
    [provider, leftMs / 1000, why],
  );
}

/** The provider's allowance; nobody else changes it before the transaction ends. */
export async function lockAllowance(transaction: Queryable, provider: string): Promise<Allowance> {
  const rows = await transaction.query<PauseRow & { shares: unknown; day: unknown; purses: unknown }>(
    `insert into allowance (provider) values ($1) on conflict (provider) do update set provider = excluded.provider
     returning shares, day, purses, ${pauseColumns}`,
    [provider],
  );
  // After the lock, which may have been waited for.
  const clock = await transaction.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  );
  const row = onlyRow(rows);
  const shares = z.record(z.string(), shareSchema).safeParse(row.shares);
  const day = daySchema.safeParse(row.day);
  const purses = pursesSchema.safeParse(row.purses);
  return {
    shares: shares.success ? shares.data : {},
    day: day.success ? day.data : null,
    purses: purses.success ? purses.data : {},
    now: onlyRow(clock).now,
    pause: pauseOf(row),
  };
}

export async function writeShares(
  transaction: Queryable,
  provider: string,
  { shares, day, purses }: Pick<Allowance, 'shares' | 'day' | 'purses'>,
): Promise<void> {
  await transaction.query(
    'update allowance set shares = $2::jsonb, day = $3::jsonb, purses = $4::jsonb where provider = $1',
    [provider, JSON.stringify(shares), day === null ? null : JSON.stringify(day), JSON.stringify(purses)],
  );
}
