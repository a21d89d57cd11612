import type { Clock } from '../../domain/clock.ts';

/** The difference we allow a provider's clock also holds for our wall clock against the monotonic one. */
const STOP_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

/** Compares the wall clock, whose time every call carries, with the monotonic one. */
export interface WallClockWatch {
  /** Why the run has to stop; null while both clocks have gone on alike since the watch was made. */
  check(): string | null;
}

export function createWallClockWatch(clock: Clock): WallClockWatch {
  const readOffset = (): number => clock.now().getTime() - clock.monotonic();
  const before = readOffset();
  return {
    check: () => {
      const jump = readOffset() - before;
      return Math.abs(jump) > STOP_MS ? describeJump(jump, clock.now()) : null;
    },
  };
}

function describeJump(jump: number, now: Date): string {
  const minutes = Math.round(Math.abs(jump) / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  const span = hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
  const says = now.toISOString().slice(0, 19).replace('T', ' ');
  return (
    `stopped because this machine's clock was put ${jump < 0 ? 'back' : 'forward'} by ${span} while calls were made; it says ${says} (UTC) now. ` +
    'Every call carries our time, signed: check the clock (NTP), then start the same command again'
  );
}
