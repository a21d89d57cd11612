import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inspectList } from '../../src/intake/inspect-list.ts';

const options = { encoding: 'auto', header: 'auto', columns: { userId: null, par: null } } as const;

async function inspect(content: string | null) {
  const folder = await mkdtemp(join(tmpdir(), 'kona-inspect-'));
  onTestFinished(async () => {
    await rm(folder, { recursive: true });
  });
  const path = join(folder, 'list.csv');
  if (content !== null) await writeFile(path, content);
  return await inspectList({ kind: 'file', path, sheet: null }, options);
}

test('a list that opens is told with its columns, also one without rows', async () => {
  const found = {
    level: 'ok',
    about: 'list',
    what: 'list.csv: user id in "회원번호", PAR in "par"',
    cure: null,
  };
  expect(await inspect('회원번호,par\n1,PAR000000000000000000000001\n')).toEqual(found);
  expect(await inspect('회원번호,par\n')).toEqual(found);
});

test('a missing column is told with the header that was seen, a missing file with its name', async () => {
  expect(await inspect('who,par\n1,PAR000000000000000000000001\n')).toMatchObject({
    level: 'fail',
    what: expect.stringMatching(
      /no column has a known name for the user id; headers seen: "who", "par"/,
    ) as unknown,
  });
  expect(await inspect(null)).toMatchObject({
    level: 'fail',
    what: expect.stringContaining('list.csv') as unknown,
  });
});
