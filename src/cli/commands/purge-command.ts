import { parseAge } from '../../config/job-file/duration.ts';
import { DEFAULT_KEEP_MS } from '../../config/settings/setting-table.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import {
  carryOutPurge,
  planPurge,
  type PurgeCounts,
  type PurgeEnvironment,
  type PurgePlan,
} from '../../run/purge.ts';
import { findOldInboxFolders, forgetInboxFolders } from '../../service/inbox/purge-inboxes.ts';
import { forgetUploads, planUploadPurge, type UploadPurgePlan } from '../../service/uploads/purge-uploads.ts';
import type { Host } from '../host.ts';
import { agrees } from '../session/agreement.ts';
import { withLedger } from '../session/ledger-session.ts';
import { formatTable } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';

const DAY_MS = 86_400_000;
const NAMES_SHOWN = 5;

interface PurgeArguments {
  readonly olderThan?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Forgets old personal data. Says first what, then does it with `--yes` or when a person at a terminal agrees. */
export async function purgeCommand(
  argv: Readonly<Record<string, unknown>> & PurgeArguments,
  host: Host,
): Promise<ExitCode> {
  const olderThanMs = ageOf(argv.olderThan);
  const { dryRun = false } = argv;
  await withLedger(host, argv, async (ledger, { flags, reportsPlace }) => {
    const environment = {
      ledger,
      clock: host.clock,
      me: host.me,
      reportsPlace,
      olderThanMs,
      keepMs: DEFAULT_KEEP_MS,
      tell: (sentence: string) => {
        if (!flags.quiet) host.stderr.write(`${sentence}\n`);
      },
    };
    const runs = await planPurge(environment);
    const inboxes = await findOldInboxFolders(environment, runs);
    const uploads = await planUploadPurge(environment, runs.now);
    const plan: WholePlan = {
      ...runs,
      counts: { ...runs.counts, inboxFolders: inboxes.length, uploads: uploads.uploads.length },
      missingFolders: [...runs.missingFolders, ...uploads.missing.map((id) => `uploads/${id}`)],
      openUploads: uploads.open,
    };
    // Cron mails whatever is printed, so nothing is printed where nobody is asked and nothing is wrong.
    const isQuiet = flags.quiet && flags.yes && !dryRun && !isAmiss(plan);
    if (!flags.json && !isQuiet) host.stdout.write(formatPlan(plan));
    if (dryRun) {
      if (flags.json) writeJson(host, { plan: describePlan(plan), done: null });
      return;
    }
    const isNothing = Object.values(plan.counts).every((count: number) => count === 0);
    if (!isNothing && !flags.yes && !(await agrees(host, FORGET, flags.json))) return;
    const done = isNothing ? plan.counts : await forget(environment, plan, { inboxes, uploads });
    if (flags.json) writeJson(host, { plan: describePlan(plan), done });
    else if (!isNothing && !isQuiet) host.stdout.write(`Forgotten:\n${formatCounts(done)}`);
  });
  return exitCodes.done;
}

/** With what lies outside of run folders: what people handed in. */
interface WholeCounts extends PurgeCounts {
  /** Folders for lists of an inbox that were run or refused. */
  readonly inboxFolders: number;
  /** Uploads of the desk that are over. */
  readonly uploads: number;
}

interface WholePlan extends PurgePlan {
  readonly counts: WholeCounts;
  /** Old uploads that stay because they are not over. */
  readonly openUploads: number;
}

/** Deletes the lists first: a run counts as purged only when its lists are gone. */
async function forget(
  environment: PurgeEnvironment,
  plan: WholePlan,
  { inboxes, uploads }: { readonly inboxes: readonly string[]; readonly uploads: UploadPurgePlan },
): Promise<WholeCounts> {
  const inboxFolders = await forgetInboxFolders(inboxes);
  const forgotten = await forgetUploads(environment, uploads, plan.now);
  return { ...(await carryOutPurge(environment, plan)), inboxFolders, uploads: forgotten };
}

function ageOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const age = parseAge(text);
  if (age === null || age < DAY_MS) {
    throw new UsageError('--older-than: expected a duration from 1d to 3650d, such as 90d');
  }
  return age;
}

const FORGET = {
  question: 'Forget this for good?',
  declined: 'Nothing was forgotten.',
  unasked: 'nothing was forgotten: give --yes to do it, or --dry-run only to look',
};

function formatPlan(plan: WholePlan): string {
  const { counts, missingFolders } = plan;
  if (Object.values(counts).every((count: number) => count === 0)) {
    return `Nothing to forget.\n${formatLeft(plan, [])}`;
  }
  return `To be forgotten for good:\n${formatCounts(counts)}${formatLeft(plan, missingFolders)}`;
}

/** Returns whether something was not found, or is left although it is old. */
function isAmiss({ missingFolders, leftFiles }: WholePlan): boolean {
  return missingFolders.length > 0 || leftFiles.length > 0;
}

function formatCounts(counts: WholeCounts): string {
  return formatTable(
    ['what', 'how many'],
    [
      ['runs whose rows lose their ids', counts.runs],
      ['list_row: ids, cells and messages', counts.rows],
      ['attempt: messages and answers', counts.attempts],
      ['enrollment: records in no list since', counts.records],
      ['break: ids and notes of closed ones', counts.breaks],
      ['reconciliation_member: members asked for', counts.members],
      ['reconciliation_call: inquiries for them', counts.inquiries],
      ['access_log: entries older than two years', counts.accessEntries],
      ['audit_entry: entries of the desk older than two years', counts.auditEntries],
      ['run folders that lose their lists', counts.folders],
      ['lists in them', counts.files],
      ['folders under done/ and refused/ of inboxes', counts.inboxFolders],
      ['desk_upload: uploaded files, and their names', counts.uploads],
      ['folders with lists of open breaks', counts.breakLists],
      ['log files', counts.logs],
    ],
  );
}

function formatLeft(
  { unfinishedRuns, openUploads, leftFiles }: WholePlan,
  missingFolders: readonly string[],
): string {
  return [
    ...(unfinishedRuns === 0
      ? []
      : [
          `${unfinishedRuns} old runs are kept: they are not finished, and the same command continues them.\n`,
        ]),
    ...(openUploads === 0
      ? []
      : [
          `${openUploads} old uploads are kept: they are not over. Withdraw them at the desk, or go on with them.\n`,
        ]),
    ...(missingFolders.length === 0
      ? []
      : [`No folder was found for ${someOf(missingFolders)}: --reports says where they are.\n`]),
    ...(leftFiles.length === 0 ? [] : [`Not deleted, because it is not ours: ${someOf(leftFiles)}.\n`]),
  ].join('');
}

function someOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function describePlan(plan: WholePlan): object {
  const { counts, unfinishedRuns, openUploads, missingFolders, leftFiles } = plan;
  return { ...counts, unfinishedRuns, openUploads, missingFolders, leftFiles };
}

function writeJson(host: Host, document: object): void {
  host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
