import pg from 'pg';
import { systemClock } from '../../src/cli/system-clock.ts';

/** Looks again and again how many records are sending, while programs and servers come and go. */
export interface SendingWatch {
  /** Ends it. */
  end(): Promise<{ readonly most: number; readonly looks: number }>;
}

const EVERY_MS = 100;

export function watchSending(url: string): SendingWatch {
  const ended = new AbortController();
  let most = 0;
  let looks = 0;

  /** Until its connection breaks; before the first migration there is nothing to see. */
  async function lookAlong(client: pg.Client): Promise<void> {
    await client.connect();
    while (!ended.signal.aborted) {
      const { rows } = await client.query<{ sending: number }>(
        `select count(*)::integer as sending from enrollment where status = 'sending'`,
      );
      most = Math.max(most, rows[0]?.sending ?? 0);
      looks += 1;
      await systemClock.sleep(EVERY_MS, ended.signal);
    }
  }

  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await lookAlong(client).catch(() => undefined);
      await client.end().catch(() => undefined);
      await systemClock.sleep(EVERY_MS, ended.signal);
    }
  }

  const watching = watch();
  return {
    end: async () => {
      ended.abort();
      await watching;
      return { most, looks };
    },
  };
}
