import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileCache } from '../support/program.ts';
import { bin } from './bench-program.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const databaseUrl = process.env['KONA_TEST_DATABASE_URL'];
const sizes = {
  KONA_BENCH_ROWS: '1000',
  KONA_BENCH_CALLS: '400',
  KONA_BENCH_LARGEST: '1000',
  KONA_BENCH_ROUNDS: '1',
  KONA_BENCH_PROGRAM: bin,
};

interface Told {
  readonly bench: string;
  readonly ratios: readonly { of: string; ours: number; beside: number; ratio: number }[];
}

// Not `rate`, whose seconds are real, nor `start`, which builds the program anew.
test
  .skipIf(databaseUrl === undefined)
  .each(['intake', 'report', 'rerun', 'growth', 'peers', 'memory', 'dispatch'])(
  'the bench %s measures small sizes too, and ends well whatever it finds',
  async (bench) => {
    const child = spawn(process.execPath, [main, bench], {
      env: { ...process.env, ...sizes, ...compileCache },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [stdout, [exitCode]] = await Promise.all([
      text(child.stdout),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`, Node ${process.versions.node}, load `);
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
    expect(told.bench).toBe(bench);
    expect(told.ratios.length).toBeGreaterThan(0);
    for (const { of, ours, beside, ratio } of told.ratios) {
      expect(of).not.toBe('');
      for (const figure of [ours, beside, ratio]) expect(figure).toBeGreaterThanOrEqual(0);
    }
  },
);

test.skipIf(databaseUrl === undefined)('a bench nobody knows is told, with those there are', async () => {
  const child = spawn(process.execPath, [main, 'intakes']);
  const [stderr, [exitCode]] = await Promise.all([
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('dispatch growth intake memory peers rate report rerun start');
});
