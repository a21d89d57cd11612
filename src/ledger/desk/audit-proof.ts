import { onlyRow, type Queryable } from '../ledger-port.ts';

/** One statement hashes this many entries: it takes a fraction of a second, and memory does not grow with the trail. */
const PAGE = 2_000;

export type AuditProof =
  /** `lastHash` is null where nothing was ever done at the desk. */
  | {
      readonly kind: 'whole';
      readonly entries: number;
      /** The number of the last entry, an int8 as text; 0 where nothing was ever done. */
      readonly lastNo: string;
      readonly lastHash: string | null;
    }
  /** `entryNo` is the first entry that was changed or is gone, an int8 as text. */
  | { readonly kind: 'broken'; readonly entryNo: string; readonly why: 'changed' | 'missing' };

/** Returns a sentence that tells people which entry breaks the trail. */
export function brokenTrailWords({ entryNo, why }: AuditProof & { readonly kind: 'broken' }): string {
  return why === 'missing'
    ? `entry ${entryNo} is gone; the program never deletes one without moving the begin of the chain`
    : `entry ${entryNo} is not what was written, or the one before it is not`;
}

interface Chain {
  readonly first_no: string;
  readonly first_hash: string;
  readonly last_no: string;
  readonly last_hash: string;
}

/** Computes every hash of the trail again, from the first entry it still holds to the last one that the chain names. */
export async function proveAuditTrail(on: Queryable): Promise<AuditProof> {
  for (let chain = await readChain(on); ;) {
    const proof = chain === null ? await proveNothing(on) : await proveChain(on, chain);
    const now = await readChain(on);
    // The proof starts again where somebody appended the very first entry or purged the oldest ones in the meantime.
    if (proof.kind === 'whole' || now?.first_no === chain?.first_no) return proof;
    chain = now;
  }
}

async function readChain(on: Queryable): Promise<Chain | null> {
  const [chain = null] = await on.query<Chain>(
    'select first_no, first_hash, last_no, last_hash from audit_chain',
  );
  return chain;
}

async function proveNothing(on: Queryable): Promise<AuditProof> {
  const [first] = await on.query<{ entry_no: string }>(
    'select entry_no from audit_entry order by entry_no limit 1',
  );
  return first === undefined
    ? { kind: 'whole', entries: 0, lastNo: '0', lastHash: null }
    : { kind: 'broken', entryNo: first.entry_no, why: 'changed' };
}

async function proveChain(on: Queryable, chain: Chain): Promise<AuditProof> {
  const first = BigInt(chain.first_no);
  let before = { no: first - 1n, hash: chain.first_hash };
  for (;;) {
    const page = await provePage(on, before, chain.last_no);
    const next = before.no + BigInt(page.good) + 1n;
    if (page.broken_no !== null) {
      return {
        kind: 'broken',
        entryNo: String(next),
        why: String(next) === page.broken_no ? 'changed' : 'missing',
      };
    }
    if (page.last_hash === null) break;
    before = { no: next - 1n, hash: page.last_hash };
  }
  // The remaining hashes agree even where entries were cut off at the end, so the last number is compared too.
  if (String(before.no) !== chain.last_no)
    return { kind: 'broken', entryNo: String(before.no + 1n), why: 'missing' };
  if (before.hash !== chain.last_hash) return { kind: 'broken', entryNo: String(before.no), why: 'changed' };
  const entries = Number(before.no - first + 1n);
  return { kind: 'whole', entries, lastNo: String(before.no), lastHash: before.hash };
}

interface ProvenPage {
  /** The first entry of the page that does not follow from the one before; null where each does. */
  readonly broken_no: string | null;
  /** The number of good entries on the page before the broken one. */
  readonly good: number;
  /** The hash of the page's last entry; null where the page is empty. */
  readonly last_hash: string | null;
}

async function provePage(
  on: Queryable,
  before: { readonly no: bigint; readonly hash: string },
  lastNo: string,
): Promise<ProvenPage> {
  const rows = await on.query<ProvenPage>(
    `with page as materialized (
       select * from audit_entry where entry_no > $1::bigint and entry_no <= $3::bigint order by entry_no limit $4::integer),
     linked as (
       select page.*, row_number() over following as place, lag(page.hash, 1, $2::text) over following as hash_before
       from page window following as (order by entry_no)),
     broken as (
       select entry_no, place from linked
       where entry_no <> $1::bigint + place
          or hash <> audit_hash(hash_before, entry_no, at, who, what, upload_id, run_id, access_no, detail, account)
       order by entry_no limit 1)
     select (select entry_no from broken) as broken_no,
            coalesce((select place - 1 from broken), (select count(*) from page))::integer as good,
            (select hash from page order by entry_no desc limit 1) as last_hash`,
    [String(before.no), before.hash, lastNo, PAGE],
  );
  return onlyRow(rows);
}

/** An entry that somebody has written down elsewhere: its number, an int8 as text, and its hash. */
export interface TrailAnchor {
  readonly entryNo: string;
  readonly hash: string;
}

/**
 * Returns whether the trail still holds an entry as it was written down, or has purged it. A trail of which the end was
 * cut off, or which was written anew, is whole in itself; only this tells.
 */
export async function holdsAnchor(on: Queryable, { entryNo, hash }: TrailAnchor): Promise<boolean> {
  const [found] = await on.query<{ holds: boolean }>(
    `select first_no > $1::bigint
            or exists (select from audit_entry where entry_no = $1::bigint and hash = $2) as holds from audit_chain`,
    [entryNo, hash],
  );
  return found?.holds ?? false;
}
