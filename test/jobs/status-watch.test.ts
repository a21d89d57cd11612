import { describe, expect, test } from 'vitest';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';
import { summaryOf } from './program-output.ts';

const RECORDS = 120;

describe.each(ledgerEngines)('status --watch of a run in another process ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('shows its line until it ends, disturbs nobody, and ends with 0', async () => {
    await using begun = await startRun({
      engine,
      sandbox: { faults: { seed: 1, latencyMs: 100 } },
      // Without a canary, whose state comes first and is told two seconds late on a server.
      job: 'limits: { rate: 1000/s, concurrency: 1, timeout: 5s }\nguards: { canary: 0 }',
      records: RECORDS,
      // A holder tells where it is every second, on a server every two.
      until: ['recorded', 30],
    });
    const { world, program } = begun;
    const watch = await runProgram(['status', '--watch'], world);
    const { runId, exitCode } = summaryOf(await program.ended);
    expect(exitCode).toBe(0);
    expect(watch).toMatchObject({ exitCode: 0, stderr: '' });
    const [live, line, ...rest] = watch.stdout.trimEnd().split('\n');
    expect(live).toMatch(
      new RegExp(
        `^live: job proof, process ${program.pid} on \\S+, since [-0-9]{10} [0-9:]{5} Asia/Seoul, run ${runId}$`,
      ),
    );
    expect(line).toMatch(
      /^\d+\/120 called · running · \d+\.\d calls\/s of 1000\/s · enrolled \d+ · p50 1\d\d ms, p99 \d+ ms · ETA \d\d:\d\d \(\d+ s\)$/,
    );
    const end = engine.name === 'embedded' ? `has ended; kona-enroll status ${runId} says how` : 'exit 0: ';
    expect(rest.at(-1)?.startsWith(`run ${runId}: ${end}`)).toBe(true);
    const after = await runProgram(['status', '--watch'], world);
    expect(after).toMatchObject({ exitCode: 0, stdout: 'No run is under way.\n' });
  });

  it('Ctrl-C ends the watch with 0; the run goes on', async () => {
    await using begun = await startRun({
      engine,
      sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
      job: 'limits: { rate: 1000/s, concurrency: 1, timeout: 60s }',
      records: RECORDS,
      until: ['bytes_left', 1],
    });
    const { world, program } = begun;
    const watch = startProgram(['status', '--watch'], world);
    await watch.shown(`process ${program.pid} on `);
    watch.kill('SIGINT');
    expect(await watch.ended).toMatchObject({ exitCode: 0, signal: null });
    process.kill(program.pid, 0);
  });
});
