import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const RECORDS = 150;
const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
/** A file system of its own in the place of `runs`, for this process alone: enough for the log, not for the reports. */
const onSmallDisk = 'mount -t tmpfs -o size=16k tmpfs runs && exec "$@"';
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

async function runOnSmallDisk(world: EnrolmentWorld) {
  await mkdir(join(world.cwd, 'runs'));
  const argv = ['-rm', 'sh', '-c', onSmallDisk, 'sh', process.execPath, bin, 'run', 'job.yaml', '--quiet'];
  const child = spawn('unshare', argv, {
    cwd: world.cwd,
    env: { PATH: process.env['PATH'] ?? '', ...world.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const stderr = await text(child.stderr);
  await ended;
  return { stderr, exitCode: child.exitCode };
}

test.skipIf(!canMount)(
  'a disk that fills up while the reports are written: exit 8; with room again the same command writes them without a call',
  async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', listOf(RECORDS));
    const full = await runOnSmallDisk(world);
    expect(full.exitCode).toBe(8);
    expect(full.stderr).toMatch(
      /The run folder .* can't be written: no space is left; free some, then start the same command again, which calls nobody twice\./,
    );
    expect(world.sandbox.calls()).toHaveLength(RECORDS);

    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
    expect(summary).toMatchObject({ exitCode: 0, state: 'complete', calls: RECORDS });
    expect(classesOf(summary)).toEqual({ enrolled: RECORDS });
    expect(await readdir(join(world.cwd, 'runs', summary.runId))).toContain('manifest.json');
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  },
);
