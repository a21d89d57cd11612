import { onlyRow, type Ledger, type Queryable } from '../ledger-port.ts';
import { appendAudit, BY_ITSELF } from './audit-trail.ts';

export interface AuditAge {
  readonly before: Date;
  readonly now: Date;
}

/**
 * This SQL condition selects the old entries that precede the first younger one, so that the chain loses only its
 * beginning.
 */
const FORGETTABLE = `entry_no < (
  select coalesce(min(entry_no) filter (where at >= $1::timestamptz or at >= $2::timestamptz - interval '2 years'),
                  max(entry_no) + 1) from audit_entry)`;

export async function countOldAudit(on: Queryable, { before, now }: AuditAge): Promise<number> {
  const rows = await on.query<{ entries: number }>(
    `select count(*)::integer as entries from audit_entry where ${FORGETTABLE}`,
    [before.toISOString(), now.toISOString()],
  );
  return onlyRow(rows).entries;
}

/**
 * Deletes the oldest entries, but none that is younger than two years, and appends an entry about that. Returns how
 * many it deleted.
 */
export async function forgetAuditEntries(ledger: Ledger, { before, now }: AuditAge): Promise<number> {
  return await ledger.transaction(async (transaction) => {
    const last = await moveBegin(transaction, { before, now });
    if (last === null) return 0;
    const entries = await deleteBeforeBegin(transaction);
    const detail = `${entries} entries, up to ${last}`;
    await appendAudit(transaction, { at: now, who: BY_ITSELF, what: 'purged', detail });
    return entries;
  });
}

/** Makes the chain begin after the old entries. Returns the number of the last old entry; null where there is none. */
async function moveBegin(transaction: Queryable, { before, now }: AuditAge): Promise<string | null> {
  const [moved] = await transaction.query<{ last: string }>(
    `with old as (
       select entry_no, hash from audit_entry where ${FORGETTABLE} order by entry_no desc limit 1)
     update audit_chain set first_no = old.entry_no + 1, first_hash = old.hash from old
     where audit_chain.first_no <= old.entry_no returning old.entry_no as last`,
    [before.toISOString(), now.toISOString()],
  );
  return moved?.last ?? null;
}

async function deleteBeforeBegin(transaction: Queryable): Promise<number> {
  const rows = await transaction.query<{ entries: number }>(
    `with deleted as (
       delete from audit_entry where entry_no < (select first_no from audit_chain) returning 1)
     select count(*)::integer as entries from deleted`,
  );
  return onlyRow(rows).entries;
}
