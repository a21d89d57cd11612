import type { Secret } from '../../../config/secret.ts';
import type { OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import type { StopSignal } from '../../../run/run-environment.ts';
import type { Host, Output } from '../../host.ts';
import type { LogPlace } from '../../session/run-logger.ts';

/** What the runs of one serving process share. */
export interface ServedHosts {
  /** The host of one start of a job; its lines say which job they are about. */
  hostOf(job: string): ServedHost;
}

export interface ServedHost extends Host {
  /** A person asked for Korean below the English. */
  readonly inKoreanToo: boolean;
}

export interface ServedHostOptions {
  /** Null: each run opens the ledger for itself. */
  readonly lentLedger: OpenLedger | null;
  /** Aborted with a StopSignal as its reason. */
  readonly stop: AbortSignal;
}

export function createServedHosts(host: Host, { lentLedger, stop }: ServedHostOptions): ServedHosts {
  // Secrets of one job must not be printed by any other either.
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
          // A run that begins to listen late hears of an earlier signal.
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

/** Several jobs write at the same time, so no line moves, whatever the output is. */
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
