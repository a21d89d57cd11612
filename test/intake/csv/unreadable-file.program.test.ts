import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeListFolder, openFile } from '../list-folder.ts';

// A thread can't give up the rights of its process.
test('a file we may not read', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write('user_id,par\n');
  await chmod(path, 0);
  using _ = asNobody();
  await expect(openFile(path)).rejects.toThrow(/may not read/);
});

/** Root may read everything, so a test of rights takes them off until its end. */
function asNobody(): Disposable {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  return {
    [Symbol.dispose]() {
      if (isRoot) process.seteuid?.(0);
    },
  };
}
