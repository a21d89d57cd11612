import type { StopSignal } from '../../run/run-environment.ts';
import { formatDuration } from './duration-words.ts';

/** What a run is doing when it is asked to stop. */
export type StopMoment =
  | { readonly kind: 'before_calls' }
  /** `inFlight` includes calls that wait for their permit, which will not leave. */
  | { readonly kind: 'calling'; readonly inFlight: number; readonly timeoutMs: number }
  | { readonly kind: 'after_calls' };

/** Says what the first signal does, and what a second one would do. */
export function stopWords(signal: StopSignal, moment: StopMoment): string {
  const second = signal === 'SIGINT' ? 'A second Ctrl-C' : 'A second signal';
  const isCalling = moment.kind === 'calling' && moment.inFlight > 0;
  const cost = isCalling ? ': calls in flight then count as "may have been sent" and are made again' : '';
  return `${names[signal]}: ${momentWords(moment)}. ${second} stops at once${cost}. The same command continues.`;
}

const names: Readonly<Record<StopSignal, string>> = {
  SIGINT: 'Ctrl-C',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'terminal closed (SIGHUP)',
};

function momentWords(moment: StopMoment): string {
  switch (moment.kind) {
    case 'before_calls':
      return 'no new calls, and none is in flight';
    case 'after_calls':
      return 'no new calls; the run folder is being written, which goes on to its end';
    case 'calling': {
      const { inFlight, timeoutMs } = moment;
      if (inFlight === 0) return 'no new calls, and none is in flight; the run folder is written';
      const most = formatDuration(Math.ceil(timeoutMs / 1_000));
      return `no new calls; those in flight (${inFlight} at most) end and are recorded, within ${most} (limits.timeout), then the run folder is written`;
    }
  }
}

export const STOPPED_AT_ONCE = 'stopped at once; the same command continues';
