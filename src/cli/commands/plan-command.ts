import type { Configuration } from '../../config/configuration.ts';
import type { ConfiguredList } from '../../config/configured-list.ts';
import { formatRates } from '../../config/job-file/rate-limit.ts';
import { exitCodeOfCause, worstEnd, type ExitDecision } from '../../domain/exit-cause.ts';
import { tellRejectionInBoth } from '../../domain/rejection/rejection-words.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { openLedger, tellingLoss } from '../../ledger/engine/open-ledger.ts';
import { planLists, type ListPlan, type PlannedList } from '../../run/plan-list.ts';
import type { RefusedList } from '../../run/run-environment.ts';
import { scanInbox } from '../../service/inbox/inbox-scan.ts';
import { failureDocument } from '../failure.ts';
import type { Host } from '../host.ts';
import { formatPlan } from '../views/plan-view.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { OPENING_LEDGER } from '../session/ledger-session.ts';
import { doubtsOfKeys, readKeys } from '../session/provider-access.ts';
import { withListConfiguration, type ListArguments } from '../session/list-configuration.ts';

/** Does everything a run does except calls and writes. Exit 5 where the run would refuse the list. */
export async function planCommand(
  argv: Readonly<Record<string, unknown>> & ListArguments,
  host: Host,
): Promise<ExitCode> {
  return await withListConfiguration(host, argv, async (configuration) => {
    host.hide(configuration.secrets);
    if (configuration.inKoreanToo) host.useKorean();
    const doubts = doubtsOfKeys(readKeys(configuration, host.clock.now()));
    const { lists, left } = await findListsNow(configuration, host);
    for (const doubt of [...doubts, ...configuration.listDoubts, ...left])
      host.stderr.write(`warning: ${doubt}\n`);
    return tellPlans(await planAll(host, configuration, lists), configuration, host);
  });
}

/**
 * Finds the lists. Of an inbox, the files that would be taken now; a plan does not wait for files that are still
 * being written.
 */
async function findListsNow(
  { inbox, lists }: Configuration,
  host: Host,
): Promise<{ readonly lists: readonly ConfiguredList[]; readonly left: readonly string[] }> {
  if (inbox === null) return { lists, left: [] };
  const { ready, left } = await scanInbox(inbox.folder, host.clock);
  const files = ready.map(({ path }): ConfiguredList => ({ kind: 'file', path, sheet: inbox.sheet }));
  return {
    lists: files,
    left: files.length === 0 ? [...left, `no list is ready in ${inbox.folder}`] : left,
  };
}

async function planAll(
  host: Host,
  configuration: Configuration,
  lists: readonly ConfiguredList[],
): Promise<PlannedList[]> {
  host.waitsFor(OPENING_LEDGER);
  const address = ledgerAddressOf(configuration.database);
  const ledger = await openLedger(address);
  host.waitsFor('reading the list');
  try {
    const planned = async (): Promise<PlannedList[]> =>
      await planLists({ ledger, configuration, clock: host.clock }, lists);
    return await tellingLoss(address, planned);
  } finally {
    await ledger.close();
  }
}

function tellPlans(planned: readonly PlannedList[], configuration: Configuration, host: Host): ExitCode {
  const { flags, providerName: provider, limits, job, inKoreanToo, timeZone } = configuration;
  const worst = worstEnd(planned.map((list) => endOf(list, flags.yes)));
  if (flags.json) {
    const shown = planned.map((list) =>
      list.kind === 'planned'
        ? { job, provider, ...describePlan(list.plan), ...endOf(list, flags.yes) }
        : failureDocument(list),
    );
    const document = shown.length === 1 ? shown[0] : { ...worst, plans: shown };
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return worst.exitCode;
  }
  const { rates, maxCalls } = limits;
  const words = { provider, rate: formatRates(rates), maxCalls, saidYes: flags.yes, again: flags.again };
  for (const list of planned) {
    host.stdout.write(
      list.kind === 'planned'
        ? formatPlan(list.plan, { ...words, timeZone, inKoreanToo })
        : `Refused: ${refusedWords(list, inKoreanToo)}\n`,
    );
  }
  return worst.exitCode;
}

function describePlan(plan: ListPlan): object {
  const firstRejected = plan.firstRejected.map((rejected) => ({
    line: rejected.line,
    reason: rejected.reason,
    message: tellRejectionInBoth(rejected),
  }));
  return { ...plan, firstRejected };
}

function refusedWords({ reason, korean }: RefusedList, inKoreanToo: boolean): string {
  return inKoreanToo && korean !== null ? `${reason}\n${korean}` : reason;
}

/** Returns the end of a run that would refuse the list by itself. */
function endOf(list: PlannedList, saidYes: boolean): Pick<ExitDecision, 'exitCode' | 'exitCause'> {
  if (list.kind === 'refused') return { exitCode: list.exitCode, exitCause: list.exitCause };
  const exitCause = list.plan.size.isUnusual && !saidYes ? 'list_refused' : 'done';
  return { exitCode: exitCodeOfCause(exitCause), exitCause };
}
