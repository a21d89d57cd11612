import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { languages, type Language } from '../../src/domain/language.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { readWork } from '../../src/ledger/proofs/row-groups.ts';
import { readLastRuns } from '../../src/ledger/runs/run-table.ts';
import { noteProofs } from '../../src/ledger/proofs/stored-proofs.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { openReportWorld, plantCalls, readFolder, runId, par } from './report-world.ts';
import { goldenRuns, type PlantedBreak } from './golden-runs.ts';

/** Embedded ledgers on a machine that may have other work. */
vi.setConfig({ testTimeout: 300_000 });

/** A workbook is compressed, and zlib may do it otherwise elsewhere: what its cells hold is golden instead. */
const COMPRESSED = /\.xlsx$/;

/**
 * Holds a folder against the golden one in `golden/`, byte for byte; `npm run golden` writes those anew, and what
 * changed is to be looked at. `drawnId`: the id of a run that was not planted, whose end is drawn so that no two runs
 * ever share it; it stands as the planted one, and the hashes of the files it stands in are left out. Returns the lists
 * that are not as spreadsheets want them: a file snapshot takes LF for CRLF.
 */
async function matchGolden(folder: string, name: string, drawnId: string | null = null): Promise<string[]> {
  const files = await readFolder(folder);
  const texts = Object.entries(files).map(([file, bytes]): [string, string] => [
    file,
    bytes.toString('utf8'),
  ]);
  const isVaried = (file: string, text: string): boolean =>
    COMPRESSED.test(file) || (drawnId !== null && text.includes(drawnId));
  const varied = texts.filter(([file, text]) => isVaried(file, text)).map(([file]) => file);
  await expect(`${Object.keys(files).join('\n')}\n`).toMatchFileSnapshot(`golden/${name}/files.txt`);
  for (const [file, text] of texts.filter(([one]) => !COMPRESSED.test(one))) {
    const steady = file === 'manifest.json' ? withoutHashes(text, varied) : text;
    const shown = drawnId === null ? steady : steady.replaceAll(drawnId, runId);
    await expect(shown).toMatchFileSnapshot(`golden/${name}/${file}`);
  }
  const workbooks = Object.entries(files).filter(([file]) => COMPRESSED.test(file));
  expect(workbooks).toHaveLength(2);
  for (const [file, bytes] of workbooks) {
    const cells = await textOfWorkbook(bytes);
    const shown = drawnId === null ? cells : cells.replaceAll(drawnId, runId);
    await expect(shown).toMatchFileSnapshot(`golden/${name}/${file}.txt`);
  }
  const lists = texts.filter(([file]) => file.endsWith('.csv'));
  expect(lists.length).toBeGreaterThanOrEqual(5);
  return lists.filter(([, text]) => !isForSpreadsheets(text)).map(([file]) => file);
}

/** Sheet by sheet, a line a row: text in quotes, figures without, a cell that is not there as null. */
async function textOfWorkbook(bytes: Buffer): Promise<string> {
  const { sheets } = await readXlsx(bytes);
  const lines = sheets.flatMap(({ name, rows }) =>
    [`--- ${name}`].concat(rows.map((cells) => JSON.stringify(cells))),
  );
  return `${lines.join('\n')}\n`;
}

function isForSpreadsheets(text: string): boolean {
  // A cell of the list may hold a line feed of its own.
  const lineEnds = text.replaceAll(/"(?:[^"]|"")*"/g, '').replaceAll('\r\n', '');
  return text.startsWith('\uFEFF') && text.endsWith('\r\n') && !lineEnds.includes('\n');
}

function withoutHashes(manifest: string, names: readonly string[]): string {
  return manifest.replaceAll(
    /("name": "([^"]*)",\s+"bytes": )\d+(,\s+"sha256": ")[0-9a-f]{64}/g,
    (entry, begin: string, name: string, middle: string) =>
      names.includes(name) ? `${begin}0${middle}not compared` : entry,
  );
}

const cases = Object.keys(goldenRuns).flatMap((name) =>
  languages.map((language): [string, Language] => [name, language]),
);

test.each(cases)('the golden folder of a run with %s, %s', { tags: ['full'] }, async (name, language) => {
  const golden = goldenRuns[name];
  if (golden === undefined) throw new Error(`no golden run ${name}`);
  await using world = await openReportWorld(embeddedEngine, golden.planted);
  await plantCalls(world.ledger, world.runNo, golden.calls);
  if (golden.proofs !== undefined) {
    const work = await readWork(world.ledger, world.runNo, 3);
    await noteProofs(world.ledger, world.runNo, { ...golden.proofs, work });
  }
  for (const [index, one] of (golden.breaks ?? []).entries()) await plantBreak(world.ledger, index + 1, one);
  await writeRunFolder({ ...world.options, language, state: golden.state });
  const folder = join(world.options.reportsDirectory, runId);
  expect(await matchGolden(folder, `${name}-${language}`)).toEqual([]);
});

/** Of the planted run's provider and job, seen at the time its night began. */
async function plantBreak(ledger: Ledger, number: number, planted: PlantedBreak): Promise<void> {
  const { kind, first, explained, closed } = planted;
  const ofList = kind === 'not_enrolled' || kind === 'no_longer_listed';
  const state = closed === null ? (explained === null ? 'open' : 'explained') : 'closed';
  const at = (night: string | null): string | null => (night === null ? null : `${night}T16:00:00Z`);
  await ledger.query(
    `insert into break (provider, job, kind, user_id, par, first_seen_at, first_night, last_seen_at, state, explained_at,
                        explained_by, note, closed_at, closed_night)
     values ('provider-a', $1, $2, '9', $3, $4::timestamptz, $5::date, $4::timestamptz, $6, $7::timestamptz, $8, $9,
             $10::timestamptz, $11::date)`,
    [
      ofList ? 'nightly' : null,
      kind,
      par(number),
      at(first),
      first,
      state,
      at(explained),
      explained === null ? null : 'tester',
      explained === null ? null : 'moved',
      at(closed),
      closed,
    ],
  );
}

/** Time stands still: every call takes none, and leaves at the run's start. */
const stillClock: Clock = {
  ...systemClock,
  now: () => new Date(Date.UTC(2026, 10, 22, 16)),
  monotonic: () => 0,
};

/** One call at a time, so that each gets its correlation id in list order; spread calls would wait for ever. */
const job =
  'limits: { rate: 1000/s, burst: 1000, concurrency: 1 }\nguards: { canary: 0 }\nreport: { language: ko }';

const smallList = [
  '회원번호,par,이름',
  `${userIdOf(1)},${parOf(1)},"Kim, A"`,
  `${userIdOf(2)},${parOf(2)},=1+1`,
  `${userIdOf(3)},${parOf(3)},박`,
  `${userIdOf(4)},${parOf(4)},이`,
  `${userIdOf(1)},${parOf(1)},again`,
  `${userIdOf(5)},par too short,최`,
  '',
].join('\n');

const smallFixtures = `cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n  - { par: ${parOf(3)}, answer: "009_999" }\n`;

function readSample(name: string): string {
  return readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');
}

/** Without the faults: a call that comes again waits for a time that never comes where the clock stands still. */
function withoutFaults(fixtures: string): string {
  return fixtures.replaceAll(/^.*faults: .*\n/gm, '');
}

test.each([
  ['whole-run', smallList, smallFixtures],
  ['legacy-users', readSample('legacy-users.csv'), withoutFaults(readSample('sandbox-fixtures.yaml'))],
])('the golden folders of a whole run against the provider simulator: %s', async (name, list, conditions) => {
  const now = (): Date => stillClock.now();
  const fixtures = parseFixtures(conditions);
  await using world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures, now }, job });
  await world.writeList('list.csv', list);
  const ledger = await openLedger(world.ledger.address);
  try {
    // Correlation numbers count from a place that each ledger draws for itself.
    await ledger.query('insert into correlation_place (origin, start_block) values ($1, 0)', [
      ledger.folderIdentity,
    ]);
    const environment = await createRunEnvironment(world, ledger, { clock: stillClock });
    const [result] = await runJob(environment);
    expect(result).toMatchObject({ kind: 'ran', exitCode: 4 });
    const [run] = await readLastRuns(ledger, 1);
    if (run === undefined) throw new Error('no run');
    // How long a call takes is measured on the machine's own clock.
    await ledger.query('update attempt set latency_ms = 12.5');
    for (const language of languages) {
      const reportsDirectory = join(world.cwd, language);
      await writeRunFolder({
        ...environment,
        runNo: run.run_no,
        reportsDirectory,
        state: run.state,
        totalsAgree: true,
        language,
      });
      const folder = join(reportsDirectory, run.id);
      expect(await matchGolden(folder, `${name}-${language}`, run.id)).toEqual([]);
    }
  } finally {
    await ledger.close();
  }
});
