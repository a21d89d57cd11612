import { systemClock } from '../../src/cli/system-clock.ts';
import type { LedgerAddress } from '../../src/ledger/engine/open-ledger.ts';
import { createNamedRandom } from '../../src/sandbox/faults/random.ts';
import { takeSnapshot, type Snapshot } from './crash-proof.ts';
import { SOAK_CONCURRENCY } from './soak-rules.ts';
import { startProgram, type ProgramEnd, type StartedProgram } from './program.ts';

export interface SoakOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly address: LedgerAddress;
  readonly records: number;
  readonly seed: number;
  readonly kills: number;
  /** Calls that have arrived at the provider. */
  readonly countCalls: () => Promise<number> | number;
  /** Breaks the ledger's server off and starts it again, so many times within the run. */
  readonly restarts?: { readonly count: number; restart(): Promise<void> };
  readonly say?: (line: string) => void;
}

export interface SoakStory {
  /** Of the last start, which came to its end. */
  readonly end: ProgramEnd;
  readonly kills: number;
  /** Of them: before the program had planned its calls. */
  readonly killsAtStart: number;
  readonly restarts: number;
  /** Starts that ended with 8, as the ledger's server was gone. */
  readonly endedWith8: number;
  /** Starts that waited for the ledger's server and called on. */
  readonly wentOn: number;
  /** After every other kill; after the others the next start came at once. */
  readonly snapshots: readonly Snapshot[];
}

const COMMAND = ['run', 'job.yaml', '--json'] as const;
/** Said on stderr when the list is staged and planned, or the run that is continued taken on. */
const PLANNED = ' to call';
/** Of the kills, those within a start. */
const AT_START = 0.3;
/** Of the records, those that are left for the end. */
const LEFT_FOR_THE_END = 0.1;
/** Before anything was measured. */
const FIRST_START_MS = 1_500;
const FIRST_MS_A_CALL = 3;
/** With one call in five a fault. */
const FINISHED_A_CALL = 0.8;
/** So that no draw, be it the last, is as long as what is left. */
const SHARES_TO_SPARE = 2;
const AFTER_RESTART_MS = 3_000;

/** Starts the same command again and again, kills each at a random moment, and lets the last one come to its end. */
export async function runThroughKills(options: SoakOptions): Promise<SoakStory> {
  return await new Soak(options).run();
}

class Soak {
  private readonly options: SoakOptions;
  private readonly random: () => number;
  private readonly snapshots: Snapshot[] = [];
  private kills = 0;
  private killsAtStart = 0;
  private restarts = 0;
  private endedWith8 = 0;
  private wentOn = 0;
  private startMs = FIRST_START_MS;
  private msOfCalls = 0;

  constructor(options: SoakOptions) {
    this.options = options;
    this.random = createNamedRandom(options.seed, 'moments of kills');
  }

  async run(): Promise<SoakStory> {
    const { kills } = this.options;
    let end: ProgramEnd | null = null;
    while (end === null && this.kills < kills) end = await this.live();
    end ??= await this.start().ended;
    const { killsAtStart, restarts, endedWith8, wentOn, snapshots } = this;
    return { end, kills: this.kills, killsAtStart, restarts, endedWith8, wentOn, snapshots };
  }

  private start(): StartedProgram {
    return startProgram(COMMAND, this.options);
  }

  /** One start and what ends it; how it ended where it came to its end by itself. */
  private async live(): Promise<ProgramEnd | null> {
    const program = this.start();
    const end = await this.follow(program);
    if (end.signal === 'SIGKILL') await this.noteKill();
    else if (end.exitCode === 8 && this.restarts > 0) this.endedWith8 += 1;
    else return end;
    return null;
  }

  private async follow(program: StartedProgram): Promise<ProgramEnd> {
    if (this.isRestartDue()) return await this.followRestart(program);
    if (this.random() < AT_START) {
      this.killsAtStart += 1;
      return await killAfter(program, this.random() * this.startMs);
    }
    const began = performance.now();
    if (!(await hasPlanned(program))) return await program.ended;
    this.startMs = performance.now() - began;
    const planned = performance.now();
    const end = await killAfter(program, await this.drawMs());
    this.msOfCalls += performance.now() - planned;
    return end;
  }

  /** Kills so far at which the next restart comes: evenly spread. */
  private isRestartDue(): boolean {
    const { restarts, kills } = this.options;
    if (restarts === undefined || this.restarts >= restarts.count) return false;
    return this.kills >= ((this.restarts + 1) * kills) / (restarts.count + 1);
  }

  /** The program may end with 8, or wait for the server and go on: then it is killed as any other. */
  private async followRestart(program: StartedProgram): Promise<ProgramEnd> {
    if (!(await hasPlanned(program))) return await program.ended;
    await systemClock.sleep(await this.drawMs());
    await this.options.restarts?.restart();
    this.restarts += 1;
    const before = await this.options.countCalls();
    const end = await killAfter(program, AFTER_RESTART_MS);
    const hasCalled = (await this.options.countCalls()) > before + SOAK_CONCURRENCY;
    if (hasCalled && end.exitCode !== 8) this.wentOn += 1;
    return end;
  }

  /** So long that the list lasts until after the last kill, by the time its calls took so far. */
  private async drawMs(): Promise<number> {
    const { records, kills, countCalls } = this.options;
    const calls = await countCalls();
    const msACall = calls === 0 || this.msOfCalls === 0 ? FIRST_MS_A_CALL : this.msOfCalls / calls;
    const left = Math.max(records * (1 - LEFT_FOR_THE_END) - calls * FINISHED_A_CALL, records * 0.01);
    const shares = (kills - this.kills) * (1 - AT_START) + SHARES_TO_SPARE;
    return (this.random() * 2 * msACall * left) / FINISHED_A_CALL / shares;
  }

  private async noteKill(): Promise<void> {
    this.kills += 1;
    if (this.kills % 2 === 1) return;
    const { address, countCalls, say } = this.options;
    const snapshot = await takeSnapshot(address, countCalls);
    this.snapshots.push(snapshot);
    say?.(
      `kill ${this.kills}: ${snapshot.finished.size} finished, ${snapshot.calls} calls, ${snapshot.sending} in flight`,
    );
  }
}

async function hasPlanned(program: StartedProgram): Promise<boolean> {
  return await program.said(PLANNED).then(
    () => true,
    () => false,
  );
}

/** How it ended: killed, or by itself before that. */
async function killAfter(program: StartedProgram, ms: number): Promise<ProgramEnd> {
  const ended = new AbortController();
  void program.ended.then(() => {
    ended.abort();
  });
  await systemClock.sleep(ms, ended.signal);
  program.kill('SIGKILL');
  return await program.ended;
}
