import { openEmbeddedLedger, type EmbeddedLedger } from './embedded-ledger.ts';
import { isUnavailable, LedgerError } from '../ledger-port.ts';
import { migrateLedger } from './migrate.ts';
import { connectionSettings, openServerLedger, type ServerLedger } from './server-ledger.ts';
import { asLedgerError } from './server-statement.ts';
import { adviceOn, assertOwnSessions, assertServerFits } from './server-session.ts';

export type LedgerAddress =
  | {
      readonly kind: 'server';
      readonly url: string;
      /** Where the URL stands, as people are told; not given: they need not be. */
      readonly from?: string;
    }
  | { readonly kind: 'embedded'; readonly folder: string };

export type OpenLedger = ServerLedger | EmbeddedLedger;

/** Opens the ledger and brings its schema up to date. Rejects with LedgerError; nothing stays open then. */
export async function openLedger(address: LedgerAddress): Promise<OpenLedger> {
  return (await openLedgerTold(address)).ledger;
}

/** Opens the ledger as `openLedger` does, and tells the names of the migrations that were missing. */
export async function openLedgerTold(address: LedgerAddress): Promise<OpenedLedger> {
  return address.kind === 'server' ? await openOnServer(address) : await openInFolder(address.folder);
}

interface OpenedLedger {
  readonly ledger: OpenLedger;
  readonly applied: readonly string[];
}

async function openInFolder(folder: string): Promise<OpenedLedger> {
  const ledger = await openEmbeddedLedger(folder);
  try {
    const { applied } = await migrateLedger(ledger);
    return { ledger, applied: [...ledger.stepsMadeWith, ...applied] };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

async function openOnServer(address: LedgerAddress & { kind: 'server' }): Promise<OpenedLedger> {
  const ledger = openServerLedger(address.url);
  try {
    await assertServerFits(ledger);
    const doubts = await assertOwnSessions(connectionSettings(address.url));
    return { ledger: { ...ledger, doubts }, applied: (await migrateLedger(ledger)).applied };
  } catch (error) {
    await ledger.close();
    throw withAdvice(asLedgerError(error), address);
  }
}

/**
 * Does `work` on an open ledger. A server that is lost meanwhile is told as one that could not be reached at the start.
 */
export async function tellingLoss<Result>(
  address: LedgerAddress,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (address.kind !== 'server' || !isUnavailable(error)) throw error;
    throw withAdvice(error, address);
  }
}

/** Adds to what the server said what to do about it and where its URL stands. */
export function withAdvice(
  error: LedgerError,
  { url, from }: LedgerAddress & { kind: 'server' },
): LedgerError {
  const cause = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : '';
  const advice = adviceOn({ code: cause, url });
  const words = [
    error.message,
    ...(advice === null ? [] : [advice]),
    ...(from === undefined ? [] : [`The URL is that of ${from}.`]),
  ];
  const message = words.map((word) => (/[.!?]$/.test(word) ? word : `${word}.`)).join(' ');
  return new LedgerError(error.code, message, { cause: error.cause ?? error });
}
