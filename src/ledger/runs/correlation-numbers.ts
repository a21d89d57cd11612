import { randomInt } from 'node:crypto';
import { onlyRow, type Ledger } from '../ledger-port.ts';

/** 28 bits in all: 262,144 blocks of 1,024 numbers. */
const BLOCK = 1_024;
const BLOCKS = 262_144;

/**
 * SQL that identifies this database, so that a copy of it differs. A server is identified by its system identifier, the
 * moment it started, the database and the schema: a clone from a backup or a copied volume keeps the identifier. An
 * embedded ledger is identified by its folder. A restarted server draws a new place too, which costs nothing.
 */
const SERVER_ORIGIN = `(
  select concat_ws(' ', (select system_identifier from pg_control_system()),
                   extract(epoch from pg_postmaster_start_time()), d.oid, current_schema())
    from pg_database d where d.datname = current_database())`;

/**
 * Hands out the 28-bit numbers of correlation ids, in blocks taken from a sequence of the ledger. So two processes on
 * one ledger never hold the same block at the same time, whenever they start. Each ledger counts from a place drawn at
 * random, so that two ledgers under one ASP id don't write the same ids when they start in the same second.
 */
export function createCorrelationNumbers(on: Ledger): { next(): Promise<number> } {
  let following = 0;
  let end = 0;
  let taking: Promise<void> | null = null;

  async function takeBlock(): Promise<void> {
    const start = await readStart(on);
    const row = onlyRow(await on.query<{ block: string }>(`select nextval('correlation_block') as block`));
    following = ((start + Number(row.block)) % BLOCKS) * BLOCK;
    end = following + BLOCK;
  }

  return {
    next: async () => {
      while (following >= end) {
        taking ??= takeBlock().finally(() => {
          taking = null;
        });
        await taking;
      }
      const number = following;
      following += 1;
      return number;
    },
  };
}

/** Returns the block this ledger counts from. Draws it where none was drawn in this database yet. */
async function readStart(on: Ledger): Promise<number> {
  const origin = on.folderIdentity === null ? SERVER_ORIGIN : '$2::text';
  const parameters = on.folderIdentity === null ? [] : [on.folderIdentity];
  await on.query(
    `insert into correlation_place as kept (origin, start_block) values (${origin}, $1)
     on conflict (one) do update set origin = excluded.origin, start_block = excluded.start_block
      where kept.origin <> excluded.origin`,
    [randomInt(BLOCKS), ...parameters],
  );
  // Read apart: a statement that waited for another process's draw would still see the place before it.
  const row = onlyRow(await on.query<{ start_block: number }>('select start_block from correlation_place'));
  return row.start_block;
}
