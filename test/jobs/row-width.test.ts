import { parse } from 'csv-parse/sync';
import { expect, test, vi } from 'vitest';
import { createWorld, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

/** The real program some times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 300_000 });

const told = '  rows with empty cells at their end put right: 3\n';

test('rows with empty cells too many or left out are called, told, and in line in the results', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const rows = [
    `${userIdOf(1)},${parOf(1)},Kim,new,,`,
    `${userIdOf(2)},${parOf(2)}`,
    `${userIdOf(3)},${parOf(3)},Lee,old`,
    `${userIdOf(4)},${parOf(4)},Park, `,
    `${userIdOf(5)},${parOf(5)},Choi,,, `,
    userIdOf(6),
  ];
  await world.writeList('list.csv', `user_id,par,name,memo\n${rows.join('\n')}\n`);

  expect((await runProgram(['plan', 'job.yaml'], world)).stdout).toContain(told);
  const plan = JSON.parse((await runProgram(['plan', 'job.yaml', '--json'], world)).stdout) as object;
  expect(plan).toMatchObject({ due: 5, list: { rowsRead: 6, fittedRows: 3 } });

  const end = await runProgram(['run', 'job.yaml', '--json'], world);
  expect(end.stderr).toContain(told);
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 3, calls: 5 });
  expect(classesOf(summary)).toEqual({ enrolled: 5, rejected: 1 });
  expect((await runProgram(['status', summary.runId], world)).stdout).toContain(told);

  // Rows of other widths than the header's are an error of the parser.
  const results = await world.readReport(summary.runId, 'results.csv');
  const lines = parse<Record<string, string>>(results, { columns: true, bom: true });
  expect(Object.keys(lines[0] ?? {}).slice(0, 6)).toEqual([
    'user_id',
    'par',
    'name',
    'memo',
    'line',
    'class',
  ]);
  expect(lines.map((line) => [line['name'], line['memo'], line['line'], line['class']])).toEqual([
    ['Kim', 'new', '2', 'enrolled'],
    ['', '', '3', 'enrolled'],
    ['Lee', 'old', '4', 'enrolled'],
    ['Park', ' ', '5', 'enrolled'],
    ['Choi', '', '6', 'enrolled'],
    ['', '', '7', 'rejected'],
  ]);
  expect(lines[5]?.['message']).toContain('; fill in the missing cells');
});
