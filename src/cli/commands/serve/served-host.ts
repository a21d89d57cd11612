import type { Secret } from '../../../config/secret.ts';
import type { OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import type { StopSignal } from '../../../run/run-environment.ts';
import type { Host, Output } from '../../host.ts';
import type { LogPlace } from '../../session/run-logger.ts';

/** What the runs of one process that serves have in common. */
export interface ServedHosts {
  /** The host of one start of a job, whose lines say which job they are about. */
  hostOf(job: string): ServedHost;
}

export interface ServedHost extends Host {
  /** A person asked for Korean under the English. */
  readonly inKoreanToo: boolean;
}

export interface ServedHostOptions {
  /** Null: each run opens the ledger for itself. */
  readonly lentLedger: OpenLedger | null;
  /** Aborted with a StopSignal. */
  readonly stop: AbortSignal;
}

export function createServedHosts(host: Host, { lentLedger, stop }: ServedHostOptions): ServedHosts {
  // What one job must not print, no other may.
  const hidden = new Set<Secret>();
  const hide = (secrets: readonly Secret[]): void => {
    for (const secret of secrets) hidden.add(secret);
    host.hide([...hidden]);
  };
  return {
    hostOf: (job) => {
      let logPlace: LogPlace | null = null;
      let inKoreanToo = false;
      return {
        env: host.env,
        cwd: host.cwd,
        stdin: () => host.stdin(),
        stdout: named(host.stdout, job),
        stderr: named(host.stderr, job),
        clock: host.clock,
        signals: host.signals,
        me: host.me,
        onStopSignal: (listener) => {
          // A run that only begins to listen hears of a signal that came before.
          if (stop.aborted) listener(stop.reason as StopSignal);
          return host.onStopSignal(listener);
        },
        hide,
        logTo: (place) => {
          logPlace = place;
        },
        get logPlace() {
          return logPlace;
        },
        waitsFor: () => undefined,
        useKorean: () => {
          inKoreanToo = true;
        },
        get inKoreanToo() {
          return inKoreanToo;
        },
        endNow: (exitCode) => {
          host.endNow(exitCode);
        },
        ...(lentLedger === null ? {} : { lentLedger }),
      };
    },
  };
}

/** Several jobs write at once, so nothing of it moves, whatever is at the other end. */
function named(output: Output, job: string): Output {
  const name = (text: string): string => text.replaceAll(/^(?=.)/gm, `${job}: `);
  return {
    isTerminal: false,
    columns: 0,
    write: (text) => {
      output.write(name(text));
    },
    draw: (text) => {
      output.draw(name(text));
    },
  };
}
