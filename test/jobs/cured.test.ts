import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSuccess, type RowClass } from '../../src/domain/class.ts';
import { languages } from '../../src/domain/language.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const header = ['memo', '회원번호', 'par', 'line', '이름'];
/** What spreadsheets and CSV damage first, if anything does; the first is of the record that succeeds at once. */
const memos = ['fine', '=1+1', "'=guarded", '0012', '두 줄\n"quoted", with comma', ' blanks ', '1e5', '-1'];
const rows = memos.map((memo, index) => [
  memo,
  userIdOf(index + 1),
  parOf(index + 1),
  memo,
  `회원 ${index + 1}`,
]);

/** A condition for each class that an answer can fail with; of the ambiguous ones the last took effect. */
const ill = `
cards:
  - { par: ${parOf(2)}, status: inactive }
  - { par: ${parOf(3)}, input: invalid }
  - { par: ${parOf(4)}, plan: other-member }
  - { par: ${parOf(5)}, answer: "009_999" }
  - { par: ${parOf(7)}, faults: ["500 before"] }
  - { par: ${parOf(8)}, faults: ["reset after"] }
members:
  - { user: "${userIdOf(6)}", openBankingTerms: not-accepted }
`;

/** One call each. */
const settings = 'limits: { rate: 1000/s }\nguards: { canary: 0 }\nretry: { attempts: 1 }';

async function cure(world: EnrolmentWorld): Promise<void> {
  const url = `${world.sandbox.baseUrl}/_sandbox/fixtures`;
  const response = await fetch(url, { method: 'PUT', body: 'cards: []\n' });
  expect([response.status, await response.text()]).toEqual([200, '{"registered":0,"members":0,"cards":0}']);
}

/** The list's own cells of each row of a run, as they are in the ledger. */
async function readOwnCells(world: EnrolmentWorld, runId: string) {
  const ledger = await openLedger(world.ledger.address);
  try {
    return await ledger.query<{ cells: readonly string[]; class: RowClass }>(
      'select l.cells, l.class from list_row l join run r using (run_no) where r.id = $1 order by l.row_no',
      [runId],
    );
  } finally {
    await ledger.close();
  }
}

const cases = languages.flatMap((language) => [
  [language, 'csv', 'csv'] as const,
  [language, 'xlsx', 'excel'] as const,
]);

test.each(cases)(
  'in %s, failed.%s is the next list: once its conditions are cured every row is a success, its own columns as they were',
  async (language, kind, source) => {
    await using world = await createWorld({
      engine: embeddedEngine,
      sandbox: { fixtures: parseFixtures(ill) },
      job: `${settings}\nreport: { language: ${language} }`,
    });
    await world.writeList('list.csv', stringify([header, ...rows]));
    const first = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(classesOf(first)).toEqual({
      enrolled: 1,
      action_required: 2,
      bad_data: 1,
      conflict: 1,
      unknown_code: 1,
      ambiguous: 2,
    });

    await cure(world);
    const failed = join('runs', first.runId, `failed.${kind}`);
    await world.writeJob('proof', 'list: { csv: list.csv }', `list: { ${source}: ${failed} }`);
    const second = summaryOf(await runProgram(['run', 'proof.yaml', '--json'], world));
    expect(second).toMatchObject({ exitCode: 0, state: 'complete', list: { rowsRead: 7 } });
    expect(classesOf(second)).toEqual({ enrolled: 6, recovered: 1 });
    const cured = await readOwnCells(world, second.runId);
    expect(cured.map(({ cells }) => cells)).toEqual(rows.slice(1));
    expect(cured.filter((row) => !isSuccess(row.class))).toEqual([]);

    const report = await runProgram(['report', second.runId, '--json'], world);
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await runProgram(['report', second.runId, '--verify'], world)).exitCode).toBe(0);
    const read = async (runId: string, name: string) =>
      parse(await world.readReport(runId, name), { bom: true });
    const own = (table: string[][]): string[][] => table.map((cells) => cells.slice(0, header.length));
    expect(own(await read(second.runId, 'succeeded.csv'))).toEqual(
      own(await read(first.runId, 'failed.csv')),
    );
    expect(await read(second.runId, 'failed.csv')).toHaveLength(1);
  },
);
