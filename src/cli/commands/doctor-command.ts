import { checkFolder } from '../../config/setup/check-folder.ts';
import { checkNode } from '../../config/setup/check-node.ts';
import { checkSecretFiles } from '../../config/setup/check-secret-files.ts';
import { tellClockSync, tellTimeZone } from '../../config/setup/check-time.ts';
import { inspectSetUp, type SetUp } from '../../config/setup/inspect-set-up.ts';
import { providerNameOf } from '../../config/provider/provider-configuration.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import { readNodeRange } from '../../config/program-version.ts';
import { exitCodeOfCause } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { doubt, type Finding, type FindingLevel } from '../../domain/setup/finding.ts';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { aboutPauseOf } from '../../ledger/inspection/inspect-pauses.ts';
import type { Host } from '../host.ts';
import { checkWithin } from '../session/inspection.ts';
import { inspectLedgerAndClock, inspectTrailOfFolder } from '../session/inspect-ledger-clock.ts';
import { inspectInquiry } from '../session/inspect-inquiry.ts';
import { inspectLists } from '../session/inspect-lists.ts';
import { inspectProvider } from '../session/inspect-provider.ts';
import { withProgramName } from '../session/program-name.ts';
import { toneText } from '../terminal/line-style.ts';
import { formatFindings } from '../views/doctor-view.ts';

/** Checks everything a run will need and changes nothing. Exit 2 where something would keep a run from its work. */
export async function doctorCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly job?: string | undefined;
    readonly call?: boolean | undefined;
    readonly json?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  const input = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  const setUp = await inspectSetUp({ ...input, jobFile: argv.job ?? null });
  host.hide(setUp.secrets);
  host.waitsFor('looking at the set-up');
  const looked = await checkAll(setUp, host);
  const called =
    argv.call === true
      ? await checkWithin(host.clock, 'call', async () =>
          isPaused(setUp, looked)
            ? [doubt('call', 'none made: a person has paused the provider')]
            : await inspectInquiry(setUp, host.clock),
        )
      : [];
  const findings = [...looked, ...called].map((finding) => withTypedNames(finding, host.env));
  const exitCause = findings.some(({ level }) => level === 'fail') ? 'usage' : 'done';
  const exitCode = exitCodeOfCause(exitCause);
  if (argv.json === true) {
    host.stdout.write(`${JSON.stringify({ exitCode, exitCause, findings }, null, 2)}\n`);
    return exitCode;
  }
  const paint = (word: string, level: FindingLevel): string =>
    toneText(word, tones[level], host.stdout, host.env) ?? word;
  host.stdout.draw(formatFindings(findings, paint));
  return exitCode;
}

function isPaused({ provider }: SetUp, looked: readonly Finding[]): boolean {
  return provider !== null && looked.some(({ about }) => about === aboutPauseOf(providerNameOf(provider)));
}

const tones = { ok: 'good', warn: 'warn', fail: 'bad' } as const;

/** Runs independent checks at the same time; the findings are in the order in which a person sets things up. */
async function checkAll(setUp: SetUp, host: Host): Promise<readonly Finding[]> {
  const { clock } = host;
  const timeZone = setUp.settings?.timeZone ?? USUAL_TIME_ZONE;
  const [files, ledger, lists, provider, reports, clockSync] = await Promise.all([
    checkWithin(clock, '.env', async () => await checkSecretFiles(setUp.environment)),
    checkWithin(clock, 'ledger', async (stop) => await inspectLedgerAndClock(setUp, host, stop)),
    checkWithin(clock, 'list', async () => await inspectLists(setUp, clock)),
    checkWithin(clock, 'provider', async (stop) => await inspectProvider(setUp, clock, stop)),
    checkWithin(clock, 'reports', async () => await checkFolder('reports', setUp.reportsDirectory)),
    checkWithin(clock, 'clock', async () => [(await tellClockSync()) ?? []].flat()),
  ]);
  // The engine occupies the process, which would delay the others' answers.
  const trail = await inspectTrailOfFolder(setUp, host);
  return [
    checkNode(process.versions.node, readNodeRange()),
    ...setUp.findings,
    ...files,
    ...ledger,
    ...trail,
    ...lists,
    ...provider,
    ...reports,
    tellTimeZone(timeZone, clock.now()),
    ...clockSync,
  ];
}

function withTypedNames(finding: Finding, env: Host['env']): Finding {
  const { what, cure } = finding;
  return {
    ...finding,
    what: withProgramName(what, env),
    cure: cure === null ? null : withProgramName(cure, env),
  };
}
