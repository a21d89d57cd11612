import { reportsDirectoryOf } from '../../config/reports-directory.ts';
import { cleanUntrustedText, quoteName } from '../../domain/untrusted-text.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { countOpenBreaks } from '../../domain/reconciliation/break.ts';
import { reconcileList, type ListReconciliation } from '../../reconcile/reconcile-list.ts';
import { writeBreakLists, type WrittenBreakLists } from '../../report/breaks/break-lists.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import {
  breakListLines,
  describeOpenBreaks,
  formatBreakFigures,
  nextBreakLines,
  openBreakLines,
} from '../views/break-view.ts';
import type { Host } from '../host.ts';
import { withLedger } from '../session/ledger-session.ts';
import { programName } from '../session/program-name.ts';
import type { ReconcileProviderArguments } from './reconcile-provider-command.ts';
import { UsageError } from '../usage-error.ts';

/** Number of open breaks that are listed one by one. */
const SHOWN = 20;

type ReconcileArguments = Readonly<Record<string, unknown>> &
  ReconcileProviderArguments & {
    readonly against?: string | undefined;
    readonly json?: boolean | undefined;
    readonly allowFailures?: boolean | undefined;
  };

/** Compares the ledger with a job's last list, or with the provider; differences are kept as breaks. */
export async function reconcileCommand(argv: ReconcileArguments, host: Host): Promise<ExitCode> {
  const { against = 'list' } = argv;
  if (against === 'list') return await reconcileListCommand(argv, host);
  if (against === 'provider') {
    const { reconcileProviderCommand } = await import('./reconcile-provider-command.ts');
    return await reconcileProviderCommand(argv, host);
  }
  throw new UsageError('--against: expected list or provider');
}

/** Flags that only apply when the provider is asked. */
const PROVIDER_ONLY = [
  'sample',
  'job-file',
  'rate',
  'concurrency',
  'limit',
  'max-calls',
  'wait',
  'log-level',
] as const;

async function reconcileListCommand(argv: ReconcileArguments, host: Host): Promise<ExitCode> {
  const useless = PROVIDER_ONLY.find((name) => argv[name] !== undefined);
  if (useless !== undefined) throw new UsageError(`--${useless} goes with --against provider`);
  const { result, told } = await withLedger(host, argv, async (ledger, { flags, reportsPlace }) => {
    const compared = await reconcileList(
      ledger,
      { job: argv.job ?? null, runId: argv.run ?? null },
      {
        clock: host.clock,
        shown: SHOWN,
        told: (words) => {
          if (!flags.quiet) host.stderr.write(`${cleanUntrustedText(words)}\n`);
        },
      },
    );
    const { directory, language } = readReportSettings(compared.run.settings, compared.run.id).settings;
    const lists = await writeBreakLists({
      ...compared,
      ledger,
      open: countOpenBreaks(compared.figures),
      reportsDirectory: reportsDirectoryOf(directory, reportsPlace),
      language,
      me: host.me,
    });
    const openBreaks = flags.json ? await describeOpenBreaks(ledger, compared.selection) : [];
    const document = { ...describe(compared), openBreaks, breakLists: lists };
    return {
      result: compared,
      told: flags.json
        ? `${JSON.stringify(document, null, 2)}\n`
        : formatListReconciliation(compared, lists, programName(host.env)),
    };
  });
  host.stdout.write(told);
  return argv.allowFailures === true && result.exitCode === exitCodes.notEnrolled
    ? exitCodes.done
    : result.exitCode;
}

function describe(result: ListReconciliation): object {
  return {
    against: 'list',
    job: result.job,
    provider: result.provider,
    night: result.night,
    lists: result.lists.map((list) => ({ runId: list.run_id, name: list.list_name })),
    listNight: result.listNight,
    rows: result.rows.rows,
    rejected: result.rows.rejected,
    unreadLists: result.unread,
    runUnderWay: result.underWay,
    breaks: result.figures,
    open: countOpenBreaks(result.figures),
    exitCode: result.exitCode,
    exitCause: result.exitCause,
  };
}

function formatListReconciliation(
  result: ListReconciliation,
  lists: WrittenBreakLists | null,
  program: string,
): string {
  const open = countOpenBreaks(result.figures);
  const ended = open === 0 ? 'no open breaks' : open === 1 ? '1 open break' : `${open} open breaks`;
  return [
    ...comparedLines(result),
    '\n',
    result.figures.length === 0 ? 'No breaks: list and ledger agree.\n' : formatBreakFigures(result.figures),
    ...openBreakLines(result.figures, result.first),
    ...breakListLines(lists),
    `\nExit ${result.exitCode}: ${ended}\n`,
    ...nextBreakLines(result.figures, result.first, program),
  ].join('');
}

function comparedLines({
  job,
  provider,
  lists,
  rows,
  listNight,
  unread,
  underWay,
}: ListReconciliation): string[] {
  const names = cleanUntrustedText(
    lists.map((list) => `${quoteName(list.list_name)} (run ${list.run_id})`).join(', '),
  );
  const rejected =
    rows.rejected === 0
      ? []
      : [
          `${rows.rejected === 1 ? '1 rejected row has' : `${rows.rejected} rejected rows have`} no record to compare: see rejected.csv`,
        ];
  const notRead = unread.map(
    (name) => `${name} of that night was not run to its end: its members count as not listed`,
  );
  const live =
    underWay === null
      ? []
      : [`run ${underWay} of this job has not ended: what it has recorded so far counts`];
  return [
    `List of job ${job}, night ${listNight}, against the ledger of provider ${provider}`,
    `${names}: ${rows.rows} rows`,
    ...[...rejected, ...notRead, ...live].map((words) => `  ${words}`),
  ].map((line) => `${line}\n`);
}
