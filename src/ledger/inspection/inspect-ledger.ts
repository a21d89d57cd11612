import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { withAdvice, type LedgerAddress } from '../engine/open-ledger.ts';
import { connectionSettings, openServerLedger, type ServerLedger } from '../engine/server-ledger.ts';
import { assertOwnSessions, assertServerFits } from '../engine/server-session.ts';
import { asLedgerError } from '../engine/server-statement.ts';
import { inspectLedgerFolder } from './inspect-folder.ts';
import { inspectPublishedPauses } from './inspect-pauses.ts';
import { inspectSchema } from './inspect-rights.ts';
import { judgeServer, readServerFacts } from './server-facts.ts';

export interface InspectedLedger {
  readonly findings: readonly Finding[];
  /** The server's clock, and our clock before and after asking; null where none was asked. */
  readonly clock: { readonly theirs: Date; readonly askedAt: Date; readonly heardAt: Date } | null;
}

/**
 * Inspects a ledger without opening it as a run does: it creates, migrates, locks and writes nothing. `stop` cancels
 * the questions. Never rejects: a failure is a finding.
 */
export async function inspectLedger(
  address: LedgerAddress,
  { now, stop }: { readonly now: () => Date; readonly stop: AbortSignal },
): Promise<InspectedLedger> {
  if (address.kind === 'embedded') {
    const findings = await inspectLedgerFolder(address.folder);
    return { findings: [...findings, ...(await inspectPublishedPauses(address.folder, now()))], clock: null };
  }
  const ledger = openServerLedger(address.url);
  const breakOff = (): void => {
    ledger.abandon();
  };
  stop.addEventListener('abort', breakOff, { once: true });
  try {
    return await inspectServer(ledger, address, now);
  } finally {
    stop.removeEventListener('abort', breakOff);
    await ledger.close();
  }
}

async function inspectServer(
  ledger: ServerLedger,
  address: LedgerAddress & { kind: 'server' },
  now: () => Date,
): Promise<InspectedLedger> {
  const findings: Finding[] = [];
  let clock: InspectedLedger['clock'] = null;
  try {
    await assertServerFits(ledger);
    const askedAt = now();
    const facts = await readServerFacts(ledger);
    clock = { theirs: facts.at, askedAt, heardAt: now() };
    findings.push(...judgeServer(facts));
    findings.push(await inspectSessions(address));
    findings.push(...(await inspectSchema(ledger, facts)));
  } catch (error) {
    findings.push(fault('ledger', withAdvice(asLedgerError(error), address).message));
  }
  return { findings, clock };
}

async function inspectSessions(address: LedgerAddress & { kind: 'server' }): Promise<Finding> {
  const about = 'ledger session';
  try {
    const [first] = await assertOwnSessions(connectionSettings(address.url));
    return first === undefined
      ? fine(about, 'each connection has a session of its own')
      : doubt(about, first);
  } catch (error) {
    return fault(about, asLedgerError(error).message);
  }
}
