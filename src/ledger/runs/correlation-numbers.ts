import { onlyRow, type Queryable } from '../ledger-port.ts';

const BLOCK = 1_024;

/**
 * Hands out the 28-bit numbers of correlation ids, in blocks leased from a sequence of the ledger: no two processes
 * on one ledger ever hold the same block at the same time, whenever they start.
 */
export function createCorrelationNumbers(on: Queryable): { next(): Promise<number> } {
  let following = 0;
  let end = 0;
  let leasing: Promise<void> | null = null;

  async function leaseBlock(): Promise<void> {
    const row = onlyRow(await on.query<{ block: string }>(`select nextval('correlation_block') as block`));
    following = Number(row.block) * BLOCK;
    end = following + BLOCK;
  }

  return {
    next: async () => {
      while (following >= end) {
        leasing ??= leaseBlock().finally(() => {
          leasing = null;
        });
        await leasing;
      }
      const number = following;
      following += 1;
      return number;
    },
  };
}
