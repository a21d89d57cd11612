import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flagTable } from '../../src/config/flags/flag-table.ts';
import { environmentTable } from '../../src/config/environment-table.ts';
import { knownKeysAt } from '../../src/config/job-file/job-file-json-schema.ts';
import { defaultOf } from '../../src/config/settings/setting.ts';
import { settingPaths } from '../../src/config/settings/setting-sections.ts';
import { flagLines, settingLines, variableLines, withTables } from '../support/setting-docs.ts';

function sourceOf(page: string): string {
  return readFileSync(page, 'utf8');
}

test('docs/commands.md has every flag and variable as the program has them (npm run docs writes it)', async () => {
  const page = withTables(sourceOf('docs/commands.md'), { flags: flagLines(), variables: variableLines() });
  await expect(page).toMatchFileSnapshot('../../docs/commands.md');
  expect(flagLines()).toHaveLength(Object.keys(flagTable).length + 2);
  expect(variableLines()).toHaveLength(Object.keys(environmentTable).length + 2);
});

test('docs/job-file.md has every key as the program has it (npm run docs writes it)', async () => {
  const page = withTables(sourceOf('docs/job-file.md'), { settings: settingLines() });
  await expect(page).toMatchFileSnapshot('../../docs/job-file.md');
});

test('every key of the job file is one entry of the tables', () => {
  const leaves = (path: readonly string[]): readonly string[] => {
    const keys = knownKeysAt(path);
    return keys.length === 0 ? [path.join('.')] : keys.flatMap((key) => leaves([...path, key]));
  };
  const named = settingPaths.map(([path]) => path);
  expect(new Set(named).size).toBe(named.length);
  const mail = new Set(['notify.mail.to', 'notify.mail.from']);
  const keys = leaves([]).filter((key) => !mail.has(key));
  expect([...keys, 'notify.mail'].toSorted()).toEqual(named.toSorted());
});

test('what nothing is kept of is named: the source is kept as a whole, and a secret is not', () => {
  const unkept = settingPaths.filter(([, one]) => Object.keys(one.kept).length === 0).map(([path]) => path);
  expect(unkept).toEqual([
    'list.csv',
    'list.excel',
    'list.inbox',
    'list.sheet',
    'list.postgres.url',
    'list.postgres.query',
    'list.postgres.table',
    'list.postgres.statementTimeout',
    'notify.ping',
    'notify.slack',
    'notify.webhook',
    'notify.mail',
    'notify.when',
    'metrics.textfile',
    'schedule',
    'desk.upload',
  ]);
});

test('a default is read and kept as it stands in the tables', () => {
  for (const [path, one] of settingPaths) {
    const value = defaultOf(one);
    if (value === undefined) continue;
    expect([path, one.written.parse(undefined)]).toEqual([path, one.written.parse(value)]);
    for (const [name, schema] of Object.entries(one.kept)) {
      const read = schema.safeParse(one.keep(one.written.parse(value))[name]);
      expect([path, name, read.success]).toEqual([path, name, true]);
    }
  }
});

test('a table without its place in a page is an error', () => {
  expect(() => withTables('no marks', { flags: [] })).toThrow('no place for the table "flags"');
});
