import { USUAL_TIME_ZONE, zonedTime } from '../../domain/time/wall-time.ts';
import type { PauseUnderWay } from '../../ledger/pause-table.ts';
import { formatDuration } from '../terminal/duration-words.ts';
import { flowWords } from '../terminal/flowing-line.ts';

const NOT_TAKEN_YET =
  'Another process has the ledger open and makes no calls at the moment: it applies this before its next call.';

/** Says what `pause` has done. */
export function formatPause({
  pause,
  isTakenUp,
  program,
}: {
  readonly pause: PauseUnderWay;
  readonly isTakenUp: boolean;
  readonly program: string;
}): string {
  return [
    flowWords(`Paused: ${pauseWords(pause)}`, '', '  '),
    flowWords(
      isTakenUp
        ? 'Every run on this ledger holds its calls to it within about two seconds; calls under way are finished. Waiting costs no call, no attempt and no night.'
        : NOT_TAKEN_YET,
      '  ',
    ),
    flowWords(`Earlier: ${program} resume --provider "${pause.provider}"`, '  '),
  ].join('');
}

/** Says what `resume` has done. `ended`: null where only the process that has the ledger open knows it. */
export function formatResume(
  provider: string,
  { ended, isTakenUp }: { readonly ended: number | null; readonly isTakenUp: boolean },
): string {
  if (ended === 0) return flowWords(`${provider} was not paused: nothing has changed.`);
  const told = flowWords(`Resumed: calls to ${provider} continue within about two seconds.`);
  return isTakenUp ? told : flowWords(`Asked to resume: ${provider}.`) + flowWords(NOT_TAKEN_YET, '  ');
}

/** Formats the pauses under way for `status`; empty where there are none. */
export function formatPauses(pauses: readonly PauseUnderWay[]): string {
  return pauses.map((pause) => flowWords(`Paused: ${pauseWords(pause)}`, '', '  ')).join('');
}

/** Returns a pause under way for JSON. */
export function describePause({ provider, from, until, by, note }: PauseUnderWay): object {
  return {
    provider,
    pausedAt: from.toISOString(),
    pausedUntil: until.toISOString(),
    pausedBy: by,
    note,
  };
}

/** Formats `truth until 2026-11-23 03:10 Asia/Seoul (30 min), by jane@host at 02:40: the provider restarts`. */
function pauseWords({ provider, from, until, by, note, leftMs }: PauseUnderWay): string {
  const left = formatDuration(Math.ceil(leftMs / 1_000));
  const why = note === null ? '' : `: ${note}`;
  return `${provider} until ${zonedTime(until, USUAL_TIME_ZONE)} (${left}), by ${by} at ${zonedTime(from, USUAL_TIME_ZONE)}${why}`;
}
