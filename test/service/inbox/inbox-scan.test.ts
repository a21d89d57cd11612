import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../../../src/domain/clock.ts';
import { scanInbox, waitForFiles } from '../../../src/service/inbox/inbox-scan.ts';

async function setup(names: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'kona-inbox-'));
  for (const name of names) await writeFile(join(folder, name), 'user_id,par\n');
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const never = new AbortController().signal;

/** A wall clock so many milliseconds ahead of the files, and a wait that is over at once but for what `during` does. */
function createClock(
  aheadMs: number,
  during: (second: number) => Promise<void> = async () => undefined,
): Clock {
  let waited = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonic: () => waited,
    sleep: async (ms) => {
      waited += ms;
      await during(waited / 1_000);
    },
  };
}

function namesOf(files: readonly { readonly name: string }[]): string[] {
  return files.map(({ name }) => name);
}

test('takes lists in name order, and leaves what is none or not whole by its name', async () => {
  await using world = await setup([
    'b.CSV',
    'a.xlsx',
    '.hidden.csv',
    '~$a.xlsx',
    'c.csv.part',
    'd.tmp',
    'e.crdownload',
    'f.filepart',
    'g.pdf',
  ]);
  await symlink('a.xlsx', join(world.folder, 'link.csv'));
  for (const name of ['done', 'refused', 'sub.csv']) await mkdir(join(world.folder, name));
  const { ready, left } = await scanInbox(world.folder, createClock(60_000));
  expect(namesOf(ready)).toEqual(['a.xlsx', 'b.CSV']);
  expect(left).toEqual([
    'g.pdf stays in the inbox: it is not a list; lists end in .csv, .tsv, .txt or .xlsx',
    'link.csv stays in the inbox: it is a symbolic link; put the file itself there',
    'sub.csv stays in the inbox: it is a folder; put the lists themselves there',
  ]);
});

test('a young file is taken when it did not change for ten seconds', async () => {
  await using world = await setup(['list.csv']);
  const seconds: number[] = [];
  const clock = createClock(0, async (second) => {
    seconds.push(second);
    await Promise.resolve();
  });
  expect(namesOf((await waitForFiles(world.folder, clock, never)).ready)).toEqual(['list.csv']);
  expect(seconds.at(-1)).toBe(10);
});

test('an upload that stalls and goes on starts its ten seconds anew', async () => {
  await using world = await setup(['list.csv']);
  let last = 0;
  const clock = createClock(0, async (second) => {
    last = second;
    if (second === 8) await appendFile(join(world.folder, 'list.csv'), '1,2\n');
  });
  expect(namesOf((await waitForFiles(world.folder, clock, never)).ready)).toEqual(['list.csv']);
  expect(last).toBe(18);
});

test('one that is written to for longer is left for the next start, and the others are taken', async () => {
  await using world = await setup(['long.csv', 'short.csv']);
  const clock = createClock(0, async () => {
    await appendFile(join(world.folder, 'long.csv'), '1,2\n');
  });
  const { ready, left } = await waitForFiles(world.folder, clock, never);
  expect(namesOf(ready)).toEqual(['short.csv']);
  expect(left).toEqual(['long.csv is still being written; the next start takes it']);
});

test('a clock that is behind that of the files makes none of them old', async () => {
  await using world = await setup(['list.csv']);
  expect((await scanInbox(world.folder, createClock(-3_600_000))).ready).toEqual([]);
  expect(namesOf((await waitForFiles(world.folder, createClock(-3_600_000), never)).ready)).toEqual([
    'list.csv',
  ]);
});

test('a name with line breaks forges no line', async () => {
  await using world = await setup(['x\nTotals agree.pdf']);
  const { left } = await scanInbox(world.folder, createClock(60_000));
  expect(left).toHaveLength(1);
  expect(left[0]).not.toContain('\n');
});
