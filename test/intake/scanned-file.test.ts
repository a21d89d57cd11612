import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ListNotFoundError } from '../../src/intake/list-errors.ts';
import { scanListFile } from '../../src/intake/list-file.ts';
import { CHUNK_BYTES, scanFile } from '../../src/intake/scanned-file.ts';
import { makeListFolder } from './list-folder.ts';

/** The files that this process has open. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

test('a file of several chunks is scanned whole, in the memory of one', async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'list.csv');
  const bytes = Buffer.from(Array.from({ length: 2.5 * CHUNK_BYTES }, (_, at) => at % 251));
  await writeFile(path, bytes);
  const copies: Buffer[] = [];
  const memories = new Set<ArrayBufferLike>();
  for await (const chunk of scanFile(path)) {
    copies.push(Buffer.from(chunk));
    memories.add(chunk.buffer);
  }
  expect(Buffer.concat(copies).equals(readFileSync(path))).toBe(true);
  expect(copies.length).toBeGreaterThan(2);
  expect(memories.size).toBe(1);
});

test.skipIf(process.platform !== 'linux')('a reader that stops early leaves no file open', async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'list.csv');
  await writeFile(path, Buffer.alloc(2 * CHUNK_BYTES));
  const scan = scanFile(path);
  await scan.next();
  expect(openFiles()).toContain(path);
  await scan.return(undefined);
  expect(openFiles()).not.toContain(path);
});

test('a file that is not there, or breaks while it is scanned, is named', async () => {
  await using lists = await makeListFolder();
  const absent = scanListFile(join(lists.folder, 'absent.csv')).next();
  await expect(absent).rejects.toThrow(ListNotFoundError);
  await expect(absent).rejects.toThrow(/^There is no file .*absent\.csv; check the path\.$/);
  if (process.platform !== 'linux') return;
  const broken = scanListFile('/proc/self/mem').next();
  await expect(broken).rejects.toThrow("The system can't read /proc/self/mem (EIO); copy the list");
});
