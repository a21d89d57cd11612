import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { endPauses } from '../../ledger/pause-table.ts';
import type { Host } from '../host.ts';
import { giveOrder } from '../session/paused-provider.ts';
import { userAtHost } from '../persons-word.ts';
import { formatResume } from '../views/pause-view.ts';

/** Ends the pauses of a provider before their time. Where none is under way it changes nothing and says so. */
export async function resumeCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly provider?: string | undefined;
    readonly json?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  const by = userAtHost(host);
  const end = await giveOrder(host, argv, {
    inLedger: async (ledger, provider) => await endPauses(ledger, provider, by),
    request: (provider) => ({ kind: 'resume', provider, by }),
  });
  const { provider, done: ended, isTakenUp } = end;
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ provider, endedPauses: ended, isTakenUp }, null, 2)}\n`
      : formatResume(provider, { ended, isTakenUp }),
  );
  return exitCodes.done;
}
