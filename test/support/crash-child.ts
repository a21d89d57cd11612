/**
 * The real program, started by a crash test: the same main as the bin, with signals that listen. KONA_TEST_POINT is
 * `<point>:<n>`: at the n-th time that point is reached the process sends itself the signal KONA_TEST_ACTION, or,
 * with `tell`, says so on stderr and goes on; with `tell-each` each n-th time. Its wall clock is KONA_TEST_AHEAD_MS ahead of
 * the machine's.
 */
import { runProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/cli/system-clock.ts';

const [point = '', count = '1'] = (process.env['KONA_TEST_POINT'] ?? '').split(':');
const action = process.env['KONA_TEST_ACTION'] ?? 'tell';
let left = Number(count);
const aheadMs = Number(process.env['KONA_TEST_AHEAD_MS'] ?? 0);

await runProgram({
  clock: { ...systemClock, now: () => new Date(Date.now() + aheadMs) },
  signals: {
    reached: (reached) => {
      if (reached !== point) return;
      left -= 1;
      if (left !== 0) return;
      if (action === 'tell-each') left = Number(count);
      if (action.startsWith('tell')) process.stderr.write(`reached ${point}\n`);
      else process.kill(process.pid, action);
    },
  },
});
