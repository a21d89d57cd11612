import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import type { SentCall } from '../../konaplate/provider-client.ts';

/** Every call carries our signed time. From this difference on a provider may refuse it. */
const WARN_MS = 30_000;
/** From this difference on a provider surely refuses it: such platforms allow five minutes. */
const STOP_MS = 5 * 60_000;
/** One answer may come from a machine whose clock is wrong, or from a cache. */
const IN_A_ROW = 3;
/** An HTTP date has whole seconds, cut off. */
const DATE_STEP_MS = 1_000;

export interface ClockFinding {
  readonly kind: 'warn' | 'stop';
  readonly sentence: string;
}

type DatedCall = Pick<SentCall, 'serverDate' | 'sentAt'>;

/** Compares the provider's Date with our clock, answer by answer; answers without one say nothing. */
export interface ClockWatch {
  /** Warns once. `now`: our clock once the answer was here. */
  observe(call: DatedCall, now: Date): ClockFinding | null;
}

export function createClockWatch(): ClockWatch {
  let off: readonly number[] = [];
  let hasWarned = false;
  return {
    observe: (call, now) => {
      const offset = readOffset(call, now);
      if (offset === null) return null;
      off = [...off, offset].slice(-IN_A_ROW);
      if (off.length < IN_A_ROW) return null;
      const least = leastOf(off);
      if (least > STOP_MS)
        return { kind: 'stop', sentence: `stopped because ${describeOffset(offset, now)}` };
      if (least <= WARN_MS || hasWarned) return null;
      hasWarned = true;
      return {
        kind: 'warn',
        sentence: `${describeOffset(offset, now)}. Beyond 5 minutes the run stops.`,
      };
    },
  };
}

/** Which clock says what, where the answer proves that they are far apart; else null. */
export function describeClocks(call: DatedCall, now: Date): string | null {
  const offset = readOffset(call, now);
  return offset === null || Math.abs(offset) <= WARN_MS ? null : describeOffset(offset, now);
}

/**
 * How the clock of `whose` stands to ours, by one answer with its time; null without a time. Only for a person who
 * asks: one answer may come from a machine whose clock is wrong.
 */
export function inspectClock(whose: string, call: DatedCall, now: Date): Finding | null {
  const offset = readOffset(call, now);
  if (offset === null) return null;
  const apart = Math.abs(offset);
  if (apart <= WARN_MS) return fine('clock', `agrees with that of the ${whose}`);
  const judge = apart > STOP_MS ? fault : doubt;
  return judge(
    'clock',
    clockWords(whose, offset, now),
    `put this machine’s clock right (NTP), or that of the ${whose}`,
  );
}

/**
 * By how many ms the provider's clock is ahead of ours (negative: behind) at the least, 0 where they may agree: it read
 * its clock at some moment from our sending to our receiving. Null without a Date.
 */
function readOffset({ serverDate, sentAt }: DatedCall, now: Date): number | null {
  if (serverDate === null || sentAt === null) return null;
  // Put right meanwhile, our clock may have gone back.
  const earliest = Math.min(sentAt.getTime(), now.getTime());
  const latest = Math.max(sentAt.getTime(), now.getTime());
  const theirs = serverDate.getTime();
  if (theirs > latest) return theirs - latest;
  return Math.min(0, theirs + DATE_STEP_MS - earliest);
}

/** How far all of them are off in one direction; 0 where they don't agree on it. */
function leastOf(offsets: readonly number[]): number {
  const isOneWay = offsets.every((offset) => offset > 0) || offsets.every((offset) => offset < 0);
  return isOneWay ? Math.min(...offsets.map(Math.abs)) : 0;
}

function describeOffset(offset: number, now: Date): string {
  return `${clockWords('provider', offset, now)}; put this machine's clock right (NTP), or ask the provider about its own`;
}

function clockWords(whose: string, offset: number, now: Date): string {
  const theirs = new Date(now.getTime() + offset);
  return (
    `the ${whose}'s clock and this machine's are ${formatSpan(Math.abs(offset))} apart: ` +
    `it says ${formatUtc(theirs)}, we say ${formatUtc(now)} (UTC)`
  );
}

function formatUtc(instant: Date): string {
  return instant.toISOString().slice(0, 19).replace('T', ' ');
}

function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
