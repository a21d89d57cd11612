import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ListNotFoundError } from '../../src/intake/list-errors.ts';
import { readListFile } from '../../src/intake/list-file.ts';
import { makeListFolder, openFile } from './list-folder.ts';

test.each(['list.csv', 'list.xlsx'])('%s that links to itself is no file, and no bug', async (name) => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, name);
  await symlink(name, path);
  await expect(openFile(path)).rejects.toThrow(ListNotFoundError);
  await expect(openFile(path)).rejects.toThrow(/^There is no file .*; check the path\.$/);
});

test.skipIf(process.platform !== 'linux')('a file that breaks while it is read is named', async () => {
  const reading = readListFile('/proc/self/mem').next();
  await expect(reading).rejects.toThrow(ListNotFoundError);
  await expect(reading).rejects.toThrow("The system can't read /proc/self/mem (EIO); copy the list");
});
