import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LockedEnvironment } from '../../../src/run/run-environment.ts';
import type { ReadList } from '../../../src/run/start/read-lists.ts';
import { identityOf } from '../../../src/service/inbox/inbox-scan.ts';
import { InboxTurns } from '../../../src/service/inbox/inbox-turns.ts';

test('a list that grew while it was read is not run, and stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kona-inbox-'));
  try {
    const path = join(folder, 'list.csv');
    await writeFile(path, 'user_id,par\n');
    const file = { name: 'list.csv', path, identity: (await identityOf(path)) ?? '' };
    const turns = new InboxTurns({} as LockedEnvironment, folder, [file]);
    const list = { kind: 'file', path, sheet: null } as const;
    const read = { kind: 'unfinished', beside: [] } as unknown as ReadList;
    expect(await turns.check(list, read)).toBe(read);
    await appendFile(path, '1,2\n');
    expect(await turns.check(list, read)).toMatchObject({ kind: 'refused', exitCode: 5 });
    // What is wrong with it now may be well when it is whole: it is not moved either.
    await turns.refused(file, {
      kind: 'refused',
      exitCode: 5,
      exitCause: 'list_refused',
      reason: 'half',
      korean: null,
    });
    expect(await identityOf(path)).not.toBeNull();
  } finally {
    await rm(folder, { recursive: true });
  }
});
