import type { Queryable } from './ledger-port.ts';

/**
 * A pause: a person makes every process of this ledger wait with its calls to a provider. Times are by the database's
 * clock.
 */
export interface ProviderPause {
  readonly provider: string;
  readonly by: string;
  /** Null: the person gave no reason. */
  readonly note: string | null;
  readonly from: Date;
  /** When it ends, or ended: at its time, or because somebody resumed. */
  readonly until: Date;
}

export interface PauseUnderWay extends ProviderPause {
  /** Milliseconds left by the database's clock; more than 0. */
  readonly leftMs: number;
}

export interface NewPause {
  readonly provider: string;
  readonly lengthMs: number;
  readonly by: string;
  readonly note: string | null;
}

const pauseColumns = `provider, paused_by as "by", note, began_at as "from", coalesce(resumed_at, ends_at) as "until"`;
const leftColumn = `(extract(epoch from ends_at - clock_timestamp()) * 1000)::float8 as "leftMs"`;
const isUnderWay = 'resumed_at is null and ends_at > clock_timestamp()';

/**
 * Adds a pause that begins now. An earlier pause that ends later stays, so the provider is called again after the
 * later end.
 */
export async function addPause(on: Queryable, { provider, lengthMs, by, note }: NewPause): Promise<void> {
  await on.query(
    `insert into provider_pause (provider, began_at, ends_at, paused_by, note)
     select $1, now, now + make_interval(secs => $2), $3, $4 from clock_timestamp() as now`,
    [provider, lengthMs / 1000, by, note],
  );
}

/** Ends all pauses of a provider that are under way. Returns their number. */
export async function endPauses(on: Queryable, provider: string, by: string): Promise<number> {
  const ended = await on.query(
    `update provider_pause set resumed_at = clock_timestamp(), resumed_by = $2
     where provider = $1 and ${isUnderWay} returning pause_no`,
    [provider, by],
  );
  return ended.length;
}

/** Returns the pause that ends last; null where none is under way. */
export async function readPauseUnderWay(on: Queryable, provider: string): Promise<PauseUnderWay | null> {
  const rows = await on.query<PauseUnderWay>(
    `select ${pauseColumns}, ${leftColumn} from provider_pause
     where provider = $1 and ${isUnderWay} order by ends_at desc, pause_no limit 1`,
    [provider],
  );
  return rows[0] ?? null;
}

/** Returns, for each provider by name, the pause that ends last. */
export async function readPausesUnderWay(on: Queryable): Promise<PauseUnderWay[]> {
  return await on.query<PauseUnderWay>(
    `select distinct on (provider) ${pauseColumns}, ${leftColumn} from provider_pause
     where ${isUnderWay} order by provider, ends_at desc, pause_no`,
  );
}

/** Returns the pauses of a run's provider between the run's start and its end, oldest first. */
export async function readPausesOfRun(on: Queryable, runNo: number): Promise<ProviderPause[]> {
  return await on.query<ProviderPause>(
    `select p.provider, p.paused_by as "by", p.note, p.began_at as "from", coalesce(p.resumed_at, p.ends_at) as "until"
     from run r join provider_pause p on p.provider = r.provider
     where r.run_no = $1 and coalesce(p.resumed_at, p.ends_at) > r.started_at
       and p.began_at < coalesce(r.finished_at, clock_timestamp())
     order by p.began_at, p.pause_no`,
    [runNo],
  );
}

/** Returns the providers that this ledger has runs for, by name. */
export async function readProviders(on: Queryable): Promise<string[]> {
  const rows = await on.query<{ provider: string }>('select distinct provider from run order by provider');
  return rows.map(({ provider }) => provider);
}
