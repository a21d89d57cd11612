import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { Manifest } from '../../src/report/folder/manifest.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { readFolder, readTable } from './report-world.ts';

function readSample(name: string): string {
  return readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');
}

/** Faults that come again wait for real seconds, and belong to other tests. */
function withoutFaults(fixtures: string): string {
  return fixtures.replaceAll(/^.*faults: .*\n/gm, '');
}

test('the folder of the sample list: every row once, in order, for spreadsheets, with the hashes it says', async () => {
  const fixtures = parseFixtures(withoutFaults(readSample('sandbox-fixtures.yaml')));
  const job = 'limits: { rate: 1000/s }\nguards: { canary: 0 }\nreport: { language: ko }';
  await using world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures }, job });
  const list = readSample('legacy-users.csv');
  await world.writeList('list.csv', list);
  const ledger = await openLedger(world.ledger.address);
  let folder: string;
  try {
    const environment = await createRunEnvironment(world, ledger, { clock: systemClock });
    const [result] = await runJob(environment);
    if (result?.kind !== 'ran') throw new Error('the run has no folder');
    folder = result.folder;
  } finally {
    await ledger.close();
  }
  const members = parse(list, { relax_column_count: true, skip_empty_lines: true }).slice(1);
  const [header = [], ...rows] = await readTable(folder, 'results.csv');
  expect(rows.map((cells) => cells[0])).toEqual(members.map((cells) => cells[0]));
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([header.length]));
  const parts = await Promise.all(
    ['succeeded', 'failed', 'unprocessed', 'rejected'].map(async (name) =>
      (await readTable(folder, `${name}.csv`)).slice(1),
    ),
  );
  const line = header.indexOf('line');
  const inOrder = parts.flat().toSorted((a, b) => Number(a[line]) - Number(b[line]));
  expect(inOrder).toEqual(rows);

  const files = await readFolder(folder);
  const manifest = JSON.parse(String(files['manifest.json'])) as Manifest;
  expect(manifest.files.map(({ name }) => name).toSorted()).toEqual(
    Object.keys(files).filter((name) => name !== 'manifest.json'),
  );
  for (const { name, sha256 } of manifest.files) {
    expect(
      createHash('sha256')
        .update(files[name] ?? '')
        .digest('hex'),
    ).toBe(sha256);
  }
  const lists = Object.entries(files).filter(([name]) => name.endsWith('.csv'));
  expect(lists).toHaveLength(10);
  expect(lists.filter(([, bytes]) => !isForSpreadsheets(bytes.toString('utf8')))).toEqual([]);
});

function isForSpreadsheets(text: string): boolean {
  // A cell of the list may hold a line feed of its own.
  const lineEnds = text.replaceAll(/"(?:[^"]|"")*"/g, '').replaceAll('\r\n', '');
  return text.startsWith('\uFEFF') && text.endsWith('\r\n') && !lineEnds.includes('\n');
}
