import { describe, expect, test } from 'vitest';
import { ledgerEngines } from '../support/ledgers.ts';
import { startProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';

const RECORDS = 60;
const HELD = 'waiting: job proof is being run by process ';
const FOLDER_HELD = 'waiting: the embedded ledger ';

describe.each(ledgerEngines)('--wait ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;
  const waiting = engine.name === 'embedded' ? FOLDER_HELD : HELD;

  it('tells once who has the job, where and since when, and begins when that one has ended', async () => {
    await using begun = await startRun({
      engine,
      job: 'limits: { rate: 20/s, concurrency: 4, timeout: 60s }',
      records: RECORDS,
      until: ['recorded', 5],
    });
    const { world, program: first } = begun;
    // However long the second one takes to begin, the first has the job until then.
    first.kill('SIGSTOP');
    const second = startProgram(['run', 'job.yaml', '--json', '--wait'], world);
    await second.said(waiting);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    first.kill('SIGCONT');
    expect((await first.ended).exitCode).toBe(0);
    const end = await second.ended;
    expect(end.exitCode).toBe(0);
    expect(end.stderr.split('waiting: ')).toHaveLength(2);
    expect(end.stderr).toMatch(new RegExp(`process ${first.pid} on \\S+, since \\d{4}-\\d\\d-\\d\\d `));
    expect(JSON.parse(end.stdout)).toMatchObject({ calls: 0, classes: { already_done: RECORDS } });
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s while it waits, it has begun nothing', async (signal, exitCode) => {
    await using begun = await startRun({
      engine,
      sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
      job: 'limits: { rate: 100/s, concurrency: 4, timeout: 60s }',
      records: RECORDS,
      until: ['bytes_left', 4],
    });
    const { world, program: first } = begun;
    const argvs = [
      ['run', 'job.yaml', '--json', '--wait'],
      ['retry', '--json', '--wait'],
    ];
    // On a server a retry is a job of its own, and would not wait.
    for (const argv of engine.name === 'embedded' ? argvs : argvs.slice(0, 1)) {
      const second = startProgram(argv, world);
      await second.said(waiting);
      second.kill(signal);
      const end = await second.ended;
      expect(end.exitCode).toBe(exitCode);
      expect(JSON.parse(end.stdout)).toEqual({
        error: `stopped by ${signal} while waiting for another process to end; nothing was begun`,
        exitCause: 'signal',
        exitCode,
      });
      expect(end.stderr).not.toContain('run 2');
    }
    expect(world.sandbox.calls()).toHaveLength(4);
    first.kill('SIGKILL');
  });
});
