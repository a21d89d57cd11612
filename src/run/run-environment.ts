import type { KeyObject } from 'node:crypto';
import type { Configuration } from '../config/configuration.ts';
import type { Clock } from '../domain/clock.ts';
import type { ClassCounts } from '../domain/control-totals.ts';
import type { ExitDecision } from '../domain/exit-cause.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import type { Logger } from '../domain/logger.ts';
import type { RunSignals } from '../domain/run-signals.ts';
import type { PaceFigures } from '../dispatch/progress/call-pace.ts';
import type { DispatchProgress } from '../dispatch/progress/dispatch-progress.ts';
import type { ExpectedEnd } from '../dispatch/progress/expected-end.ts';
import type { StopTime } from '../dispatch/windows/call-hours.ts';
import type { TransportSettings } from '../konaplate/transport/connector.ts';
import type { CorrelationEcho } from '../konaplate/answer-owner.ts';
import type { BodyEncryption } from '../konaplate/encryption/encryption-keys.ts';
import type { UserAtHost } from '../ledger/privacy/access-log-table.ts';
import type { JobLock } from '../ledger/locks/job-lock.ts';
import type { LedgerAddress, OpenLedger } from '../ledger/engine/open-ledger.ts';
import type { RejectedLine } from '../ledger/runs/preview.ts';
import type { FinishedRun } from '../ledger/runs/run-table.ts';
import type { ReportProgress } from '../report/folder/run-folder.ts';
import type { Summary } from '../report/summary.ts';
import type { JobTally } from './job-tally.ts';
import type { ListRead } from './list-facts.ts';

/** The provider as the client needs it. The sandbox is a provider like any other. */
export interface ProviderAccess {
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly timeZone: 'KST' | 'UTC';
  /** Null: registrations are sent plain. */
  readonly encryption: BodyEncryption | null;
  /** Null: plans inquiries are sent plain. */
  readonly inquiryEncryption: BodyEncryption | null;
  /** Opens encrypted answers; null: none can be opened. */
  readonly answerKey: KeyObject | null;
  /** Not given: neither proxy nor certificates of our own. */
  readonly transport?: TransportSettings;
  /** Not given: an answer has to carry the correlation id of its call. */
  readonly correlationEcho?: CorrelationEcho;
  /** Names the set-up without telling it (see fingerprintSetup): what was proved under it counts for it alone. */
  readonly setup: string;
}

/** The signal by which a process was asked to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A closed terminal counts as being told to end. */
export function exitCodeOfSignal(signal: StopSignal): ExitCode {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}

export function endBySignal(signal: StopSignal, reason: string): ExitDecision {
  return { exitCode: exitCodeOfSignal(signal), exitCause: 'signal', reason };
}

/** What `cli` hands to a run. */
export interface RunEnvironment {
  readonly ledger: OpenLedger;
  readonly address: LedgerAddress;
  readonly configuration: Configuration;
  readonly provider: ProviderAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signals: RunSignals;
  readonly observer: RunObserver;
  /** Aborted with a StopSignal as its reason. */
  readonly stop: AbortSignal;
  /** `windows.stopAt` after the process began, however many lists it has; null: none. */
  readonly stopAt: StopTime | null;
  readonly me: UserAtHost;
  /** 0 up to 1. */
  readonly chance: () => number;
}

/** The environment of a process that has the job's lock. */
export interface LockedEnvironment extends RunEnvironment {
  readonly lock: JobLock;
  readonly tally: JobTally;
}

/** Tells a person what happens during a run. */
export interface RunObserver {
  /** Another process has the job, as the sentence says, and this one waits. Called once, before anything begins. */
  jobHeld(sentence: string): void;
  runBegan(began: RunBegan): void;
  /** The list was read to its end. Not called for a continued run or a retry. */
  listRead(list: ListRead): void;
  /** A list of the same content came to its end before. Called after listRead. */
  listSeenBefore(run: FinishedRun): void;
  listStaged(staged: RunPlanned): void;
  /** Called instead of the four above where the provider is asked for the plans of members. */
  reconciliationBegan(began: ReconciliationBegan): void;
  membersStaged(staged: MembersStaged): void;
  progress(progress: RunProgress): void;
  /** Something that a person should know although the run goes on, in one sentence. */
  warned(sentence: string): void;
  reportBegan(): void;
  reportProgress(progress: ReportProgress): void;
  /**
   * The ledger's database does not answer. Nothing is sent, and the run waits until `until`. Called once for each loss.
   */
  ledgerWaiting(until: Date): void;
  ledgerBack(): void;
}

export interface RunBegan {
  readonly runId: string;
  readonly job: string;
  readonly provider: string;
  readonly listName: string;
  readonly continued: boolean;
  /** Calls of the dead process that may have been sent. */
  readonly lostCalls: number;
}

export interface RunPlanned {
  readonly rowsRead: number;
  readonly classes: ClassCounts;
  /** The first rejected rows, in list order. */
  readonly firstRejected: readonly RejectedLine[];
  /** Rows this run will call. */
  readonly due: number;
}

export interface ReconciliationBegan {
  readonly id: string;
  readonly provider: string;
  /** Null: every member. */
  readonly sample: number | null;
  readonly continued: boolean;
  /** Inquiries of the dead process that may have been sent. */
  readonly lostCalls: number;
  /** One of other members that was left unfinished, and is closed now. */
  readonly superseded: string | null;
}

export interface MembersStaged {
  readonly members: number;
  readonly due: number;
  /** Answered before. */
  readonly asked: number;
}

export interface RunProgress extends DispatchProgress {
  readonly runId: string;
  readonly provider: string;
  readonly rowsRead: number;
  /** Rows due when this process began to call, those beyond --limit left out. */
  readonly due: number;
  readonly elapsedMs: number;
  /** The limits as people write them. */
  readonly allowed: string;
  /** The job's: in which times are told. */
  readonly timeZone: string;
  readonly pace: PaceFigures;
  /** Null where no call ends, so that the end can't be foretold. */
  readonly end: ExpectedEnd | null;
}

/** How one run ended. */
export interface RunResult extends ExitDecision {
  readonly kind: 'ran';
  readonly folder: string;
  readonly summary: Summary;
}

/** A list that was refused while other lists of the start run, or the lists that were not begun. */
export interface RefusedList extends ExitDecision {
  readonly kind: 'refused';
  /** The reason in Korean, for people; null where it is known in English only. */
  readonly korean: string | null;
}
