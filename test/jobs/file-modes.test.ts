import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { listOf } from '../support/enrolment-world.ts';
import { runProgram } from '../support/program.ts';

test('whatever the program makes is for its own account only: folders 0700, files 0600', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'kona-modes-'));
  try {
    await writeFile(join(cwd, 'job.yaml'), 'job: modes\nlist: { csv: list.csv }\nprovider: sandbox\n');
    await writeFile(join(cwd, 'list.csv'), `${listOf(1)}2,par too short,rejected\n`);
    const end = await runProgram(['run', 'job.yaml', '--quiet'], { cwd });
    expect(end).toMatchObject({ exitCode: 3, stdout: '' });
    expect(end.stderr).toMatch(/^kona-enroll: exit 3 \(not_enrolled\): [^\n]+\n$/);
    const entries = await readdir(cwd, { withFileTypes: true, recursive: true });
    const names = entries.map((entry) => relative(cwd, join(entry.parentPath, entry.name)));
    // The engine's own files can't be told otherwise; the folder around them keeps others out.
    const engine = join('.kona-enroll', 'ledger', 'pgdata');
    const made = names.filter((name) => !/^(job\.yaml|list\.csv)$/.test(name) && !name.startsWith(engine));
    expect(made).toEqual(
      expect.arrayContaining(['runs', join('runs', 'logs'), '.kona-enroll', join('.kona-enroll', 'ledger')]),
    );
    const modes = await Promise.all(
      made.map(async (name) => {
        const found = await stat(join(cwd, name));
        return `${name} ${found.isDirectory() ? 'folder' : 'file'} ${(found.mode & 0o777).toString(8)}`;
      }),
    );
    expect(modes.filter((mode) => !/ folder 700$| file 600$/.test(mode))).toEqual([]);
    expect(modes.filter((mode) => mode.includes('results.csv file'))).toHaveLength(1);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
