import type { PermitGate } from '../../dispatch/gate/permit-gate.ts';
import { zonedTime } from '../../domain/time/wall-time.ts';
import { takePauseRequests } from '../../ledger/pause-requests.ts';
import { publishPauses } from '../../ledger/published-pauses.ts';
import { readPauseUnderWay, type PauseUnderWay } from '../../ledger/pause-table.ts';
import type { Caller } from './caller.ts';
import type { RunEnvironment } from '../run-environment.ts';

/** How often a run on an embedded ledger looks for a person's pause. On a server, each beat of the allowance looks. */
const LOOK_EVERY_MS = 1_000;

/** Looks whether a person has paused the provider, holds the gate for as long, and tells of each change once. */
export interface PauseWatch {
  readonly look: () => Promise<void>;
  /** Looks again and again until `end`. The gate fails with what the ledger fails with. */
  keepLooking(): void;
  end(): Promise<void>;
}

export function createPauseWatch(
  environment: RunEnvironment,
  { id, provider }: Caller,
  gate: PermitGate,
): PauseWatch {
  const { ledger, address, clock, logger, observer, configuration } = environment;
  const ended = new AbortController();
  let last: PauseUnderWay | null = null;
  let isPublished = false;
  let looking: Promise<void> = Promise.resolve();

  function tell(sentence: string): void {
    logger.warn('a person has paused the provider, or resumed it', { run: id, sentence });
    observer.warned(sentence);
  }

  async function look(): Promise<void> {
    if (address.kind === 'embedded') {
      await takePauseRequests(ledger, address.folder, clock.now());
      // What a killed process has left there may be older than the ledger.
      if (!isPublished) await publishPauses(ledger, address.folder);
      isPublished = true;
    }
    const pause = await readPauseUnderWay(ledger, provider);
    gate.followPerson(pause?.leftMs ?? 0);
    if (pause !== null && pause.until.getTime() !== last?.until.getTime()) {
      tell(pausedSentence(pause, configuration.timeZone));
    }
    if (pause === null && last !== null) tell(`calls to ${provider} go on: the pause has ended`);
    last = pause;
  }

  async function lookUntilEnd(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, ended.signal);
      if (!ended.signal.aborted) await look();
    }
  }

  return {
    look,
    keepLooking: () => {
      looking = lookUntilEnd().catch((error: unknown) => {
        gate.fail(error);
      });
    },
    end: async () => {
      ended.abort();
      await looking;
    },
  };
}

function pausedSentence({ provider, until, by, note }: PauseUnderWay, timeZone: string): string {
  const why = note === null ? '' : `: ${note}`;
  return `calls to ${provider} wait until ${zonedTime(until, timeZone)}, paused by ${by}${why}`;
}
