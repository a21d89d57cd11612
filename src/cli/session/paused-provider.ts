import { z } from 'zod';
import { loadLedgerConfiguration } from '../../config/configuration.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import { nearestKey } from '../../config/job-file/nearest-key.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import { LedgerHeldError } from '../../ledger/engine/embedded-ledger.ts';
import type { Holder } from '../../ledger/engine/folder-lock.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { leavePauseRequest, takePauseRequests, type PauseRequest } from '../../ledger/pause-requests.ts';
import { readProviders } from '../../ledger/pause-table.ts';
import { publishPauses } from '../../ledger/published-pauses.ts';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';
import { withLedger } from './ledger-session.ts';

/** A process that makes calls takes a request within about a second; we do not wait for one that makes none. */
const TAKEN_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;

/** What a person asks for with `pause` or `resume`. */
export interface PauseOrder<Done> {
  /** Does the order in the ledger itself, for the named provider or the only one there is. */
  readonly inLedger: (ledger: Queryable, provider: string) => Promise<Done>;
  /** Returns the request to the process that has the embedded ledger open. */
  readonly request: (provider: string) => PauseRequest;
}

export interface OrderEnd<Done> {
  readonly provider: string;
  /** Null: another process has the ledger, and the request was left for it. */
  readonly done: Done | null;
  /** Whether the order is in effect already; that process takes it only when it makes calls. */
  readonly isTakenUp: boolean;
}

/** Does an order in the ledger, or leaves it for the process that has the embedded ledger open. */
export async function giveOrder<Done>(
  host: Host,
  argv: Readonly<Record<string, unknown>> & { readonly provider?: string | undefined },
  order: PauseOrder<Done>,
): Promise<OrderEnd<Done>> {
  try {
    return await withLedger(host, argv, async (ledger, { database }) => {
      if (database.kind === 'embedded') await takePauseRequests(ledger, database.folder, host.clock.now());
      const provider = await chooseProvider(ledger, argv.provider);
      const done = await order.inLedger(ledger, provider);
      if (database.kind === 'embedded') await publishPauses(ledger, database.folder);
      return { provider, done, isTakenUp: true };
    });
  } catch (error) {
    if (!(error instanceof LedgerHeldError)) throw error;
    return await askHolder(host, argv, error.holder, order.request);
  }
}

async function chooseProvider(ledger: OpenLedger, given: string | undefined): Promise<string> {
  const known = await readProviders(ledger);
  if (given === undefined) {
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) return only;
    throw new UsageError('name the provider with --provider', listed(known));
  }
  // Before the first run nobody can tell a typing error from a name.
  if (known.length === 0 || known.includes(given)) return given;
  const nearest = nearestKey(given, known);
  const meant = nearest === null ? '' : `; did you mean ${quoteName(nearest)}?`;
  throw new UsageError(`no run on this ledger called ${quoteName(given)}${meant}`, listed(known));
}

function listed(known: readonly string[]): string[] {
  return known.length === 0 ? ['the ledger has no run yet'] : known.map((name) => `provider: ${name}`);
}

async function askHolder<Done>(
  host: Host,
  argv: Readonly<Record<string, unknown>> & { readonly provider?: string | undefined },
  holder: Holder | null,
  request: PauseOrder<Done>['request'],
): Promise<OrderEnd<Done>> {
  const { database } = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  if (database.kind !== 'embedded') throw new Error('only an embedded ledger is held by a process');
  const provider = chooseOfHolder(holder, argv.provider);
  const { clock } = host;
  const left = await leavePauseRequest(database.folder, request(provider), clock.now());
  host.waitsFor('waiting for the process that has the ledger open');
  for (let waitedMs = 0; !left.isTaken() && waitedMs < TAKEN_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    await clock.sleep(LOOK_EVERY_MS);
  }
  return { provider, done: null, isTakenUp: left.isTaken() };
}

const calledSchema = z.object({ provider: z.string() });

/** Returns the provider that the process calls; before it calls one, the name is taken as given. */
function chooseOfHolder(holder: Holder | null, given: string | undefined): string {
  const called = calledSchema.safeParse(holder?.progress).data?.provider;
  const provider = given ?? called;
  if (provider === undefined) {
    throw new UsageError(
      'name the provider with --provider: another process has the ledger open, and has not begun to call one yet',
    );
  }
  if (called !== undefined && called !== provider) {
    throw new UsageError(`the process that has the ledger open calls ${quoteName(called)}`);
  }
  return provider;
}
