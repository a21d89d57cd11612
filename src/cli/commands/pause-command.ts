import { parseDuration } from '../../config/job-file/duration.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { addPause, readPauseUnderWay, type PauseUnderWay } from '../../ledger/pause-table.ts';
import type { Host } from '../host.ts';
import { giveOrder } from '../session/paused-provider.ts';
import { checkNote, userAtHost } from '../persons-word.ts';
import { programName } from '../session/program-name.ts';
import { UsageError } from '../usage-error.ts';
import { describePause, formatPause } from '../views/pause-view.ts';

const LONGEST_PAUSE_MS = 7 * 86_400_000;

/** Makes every process on the ledger hold its calls to a provider for a while. */
export async function pauseCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly provider?: string | undefined;
    readonly for?: string | undefined;
    readonly note?: string | undefined;
    readonly json?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  const lengthMs = lengthOf(argv.for);
  // The note is shown to everybody, and in logs and messages.
  const said = maskIdsInText(checkNote(argv.note));
  const note = said === '' ? null : said;
  const by = userAtHost(host);
  const from = host.clock.now();
  const until = new Date(from.getTime() + lengthMs);
  const end = await giveOrder<PauseUnderWay | null>(host, argv, {
    inLedger: async (ledger, provider) => {
      await addPause(ledger, { provider, lengthMs, by, note });
      return await readPauseUnderWay(ledger, provider);
    },
    request: (provider) => ({ kind: 'pause', provider, by, note, until: until.toISOString() }),
  });
  const { provider, done, isTakenUp } = end;
  const pause = done ?? { provider, by, note, from, until, leftMs: lengthMs };
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ ...describePause(pause), isTakenUp }, null, 2)}\n`
      : formatPause({ pause, isTakenUp, program: programName(host.env) }),
  );
  return exitCodes.done;
}

function lengthOf(given: string | undefined): number {
  const length = parseDuration(given ?? '');
  if (length === null || length > LONGEST_PAUSE_MS) {
    throw new UsageError('pause: say how long with --for, such as --for 30m; 7d at most');
  }
  return length;
}
