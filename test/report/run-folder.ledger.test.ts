import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowClasses } from '../../src/domain/class.ts';
import { resultColumns } from '../../src/domain/result-columns.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { createStubClock } from '../support/stub-clock.ts';
import {
  contentHash,
  correlationId,
  folderFiles,
  openReportWorld,
  par,
  plantCalls,
  readFolder,
  readJson,
  readTable,
  runId,
  type PlantedRow,
} from './report-world.ts';

const plantedUserId = '9999999999999999999';

const rows: readonly PlantedRow[] = [
  {
    cells: [plantedUserId, par(1), 'Kim, "A"'],
    class: 'enrolled',
    code: '000_000',
    message: 'Success.',
    httpStatus: 200,
    attempts: 1,
  },
  { cells: ['2', par(2), '두 줄\n이름'], class: 'recovered', code: '007_017', httpStatus: 400, attempts: 2 },
  { cells: ['3', par(3), '=1+1'], class: 'already_active', code: '007_017', httpStatus: 400, attempts: 1 },
  { cells: ['4', par(4), ''], class: 'already_done', kept: true, code: '000_000', httpStatus: 200 },
  { cells: ['5', par(5), 'e'], class: 'action_required', code: '007_016', attempts: 1, nights: 1 },
  { cells: ['6', par(6), 'f'], class: 'bad_data', kept: true, code: '001_003', message: 'Invalid par.' },
  { cells: ['7', par(7), 'g'], class: 'conflict', code: '007_012', attempts: 1 },
  { cells: ['8', par(8), 'h'], class: 'unknown_code', code: '123_456', message: '@evil', attempts: 1 },
  { cells: ['9', par(9), 'i'], class: 'ambiguous', attempts: 5, nights: 3 },
  { cells: ['10', par(10), 'j'], class: 'transient', attempts: 5, nights: 2 },
  { cells: ['11'], class: 'rejected', message: 'The row has 1 cell where the header has 3 cells.' },
  { cells: [plantedUserId, par(1), 'Kim, "A"'], class: 'duplicate', sameAsRow: 1 },
  { cells: ['13', par(13), 'm'], class: 'disputed' },
  { cells: ['14', par(14), 'n'], class: 'unprocessed' },
];
const planted = { header: ['user_id', 'par', 'name'], rows };

const times = ['2026-11-22T16:00:01.005Z', '2026-11-22T16:00:02.050Z'];
const golden = [
  '\uFEFFuser_id,par,name,line,class,code,message,who_must_act,attempts,http_status,correlation_id,first_attempt_at,last_attempt_at,note,run',
  `${plantedUserId},${par(1)},"Kim, ""A""",2,enrolled,000_000,Success.,nobody,1,200,${correlationId(1)},${times.join()},,${runId}`,
  `2,${par(2)},"두 줄\n이름",3,recovered,007_017,,nobody,2,400,${correlationId(2)},${times.join()},an earlier call of ours had gone unanswered,${runId}`,
  `3,${par(3)},'=1+1,4,already_active,007_017,,nobody,1,400,${correlationId(3)},${times.join()},,${runId}`,
  `4,${par(4)},,5,already_done,000_000,,nobody,0,200,${correlationId(4)},${times.join()},"kept from an earlier run, not called: held as success, last called ${times[1]}",${runId}`,
  `5,${par(5)},e,6,action_required,007_016,,customer,1,,${correlationId(5)},${times.join()},,${runId}`,
  `6,${par(6)},f,7,bad_data,001_003,Invalid par.,list_owner,0,,${correlationId(6)},${times.join()},"kept from an earlier run, not called: not called any more until a person asks (retry)",${runId}`,
  `7,${par(7)},g,8,conflict,007_012,,operations,1,,${correlationId(7)},${times.join()},,${runId}`,
  `8,${par(8)},h,9,unknown_code,123_456,'@evil,developer,1,,${correlationId(8)},${times.join()},,${runId}`,
  `9,${par(9)},i,10,ambiguous,,,operations,5,,${correlationId(9)},${times.join()},came again for 3 nights; not called any more until a person asks (retry),${runId}`,
  `10,${par(10)},j,11,transient,,,nobody,5,,${correlationId(10)},${times.join()},,${runId}`,
  `11,,,12,rejected,cells,The row has 1 cell where the header has 3 cells.,list_owner,0,,,,,,${runId}`,
  `${plantedUserId},${par(1)},"Kim, ""A""",13,duplicate,,,nobody,0,,,,,same record as line 2 (enrolled),${runId}`,
  `13,${par(13)},m,14,disputed,,,list_owner,0,,,,,"several user ids for this PAR in the list, or in another list of the same start: none was sent",${runId}`,
  `14,${par(14)},n,15,unprocessed,,,nobody,0,,,,,the run ended before its call,${runId}`,
  '',
].join('\r\n');

describe.each(ledgerEngines)('the run folder ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('holds every row in list order, and the same rows divided', async () => {
    await using world = await openReportWorld(engine, planted);
    const { folder } = await writeRunFolder(world.options);
    expect(folder).toBe(world.runFolder);
    const files = await readFolder(folder);
    expect(files['results.csv']?.toString('utf8')).toBe(golden);

    const linesOf = async (name: string) =>
      (await readTable(folder, name)).slice(1).map((cells) => Number(cells[3]));
    expect(await linesOf('succeeded.csv')).toEqual([2, 3, 4, 5]);
    expect(await linesOf('failed.csv')).toEqual([6, 7, 8, 9, 10, 11]);
    expect(await linesOf('rejected.csv')).toEqual([12, 13, 14]);
    expect(await linesOf('unprocessed.csv')).toEqual([15]);
    const all = await readTable(folder, 'results.csv');
    for (const part of ['succeeded', 'failed', 'rejected', 'unprocessed']) {
      const [header, ...records] = await readTable(folder, `${part}.csv`);
      expect(header).toEqual(all[0]);
      for (const record of records) expect(all).toContainEqual(record);
    }
  });

  it('is written the same when it is made again, over whatever an earlier writing left', async () => {
    await using world = await openReportWorld(engine, planted);
    await writeRunFolder(world.options);
    const first = await readFolder(world.runFolder);
    expect(Object.keys(first)).toEqual(folderFiles);
    await writeFile(join(world.runFolder, '.results.csv.0badcafe.part'), 'half a li');
    await writeFile(join(world.runFolder, 'failed.csv'), 'of an earlier end of the run');
    await writeFile(join(world.runFolder, 'note-of-a-person.txt'), 'stays');
    const clock = createStubClock();
    await clock.advance(86_400_000);
    await writeRunFolder({ ...world.options, clock });
    const { 'note-of-a-person.txt': note, ...second } = await readFolder(world.runFolder);
    const later = first['manifest.json']?.toString().replace('"2026-11-23T16', '"2026-11-24T16') ?? '';
    expect(later).toContain('"generatedAt": "2026-11-24T16:00:00.000Z"');
    expect(second).toEqual({ ...first, 'manifest.json': Buffer.from(later) });
    expect(note?.toString()).toBe('stays');
  });

  it('sums the run up in figures, with no id in them', async () => {
    await using world = await openReportWorld(engine, planted);
    await plantCalls(world.ledger, world.runNo, [
      { rowNo: 1, atMs: 0, latencyMs: 10 },
      { rowNo: 2, atMs: 0, latencyMs: null },
      { rowNo: 2, atMs: 500, latencyMs: 20.5 },
      { rowNo: 3, atMs: 3_000, latencyMs: 30 },
      // Stopped, and continued hours later.
      { rowNo: 5, atMs: 9_000_000, latencyMs: 40 },
    ]);
    const { summary } = await writeRunFolder(world.options);
    const files = await readFolder(world.runFolder);
    const written = files['summary.json']?.toString() ?? '';
    expect(written).toBe(`${JSON.stringify(summary, null, 2)}\n`);
    expect(JSON.parse(written)).toEqual({
      failing: null,
      nightsUsedUp: 1,
      sameListNights: 1,
      schemaVersion: 1,
      runId,
      job: 'nightly',
      provider: 'provider-a',
      list: { name: 'members.csv', sha256: contentHash, rowsRead: 14 },
      state: 'complete',
      exitCode: 3,
      programVersion: '1.2.3',
      exitCause: 'not_enrolled',
      exitReason: 'complete; some rows not enrolled',
      totalsAgree: true,
      // A planted run was not proved.
      controlTotals: null,
      difference: null,
      classes: Object.fromEntries(rowClasses.map((name) => [name, 1])),
      resolved: 0,
      verdict: {
        kind: 'partial',
        rows: 14,
        enrolledNow: 2,
        enrolledBefore: 2,
        needSomebody: 7,
        comeAgain: 1,
        notCalled: 1,
        settled: 0,
        duplicates: 1,
      },
      // Who must act on each class is asserted where it is decided.
      work: summary.work,
      actorOfEnd: null,
      codes: {
        '000_000': 2,
        '001_003': 1,
        '007_012': 1,
        '007_016': 1,
        '007_017': 2,
        '123_456': 1,
      },
      givenClasses: [],
      calls: 5,
      lostCalls: 0,
      retries: 1,
      inquiries: 0,
      startedAt: '2026-11-22T16:00:00.000Z',
      finishedAt: '2026-11-22T16:05:00.000Z',
      // 5 calls in 3.1 s: 3 s between the first four, and the 50 ms of one call after each of the two stretches.
      rate: {
        allowed: '20/s',
        used: 1.61,
        fullestWindow: 3,
        windows: [{ limit: '20/s', fullest: 3 }],
        // 2.45 s went by after the call that was not answered.
        limitedBy: 'silence',
      },
      latencyMs: { p50: 20.5, p90: 40, p99: 40 },
    });
    for (const name of ['summary.json', 'manifest.json']) {
      expect(files[name]?.toString()).not.toContain(plantedUserId);
      expect(files[name]?.toString()).not.toContain(par(1));
    }
    expect(files['results.csv']?.toString()).toContain(`${plantedUserId},${par(1)}`);
  });

  it('says of every row whose class outcomes gave that they did, in lists, summary and page', async () => {
    const given: readonly PlantedRow[] = [
      { cells: ['1', par(1)], class: 'enrolled', code: '000_000', attempts: 1 },
      { cells: ['2', par(2)], class: 'bad_data', code: '999_999', attempts: 1, givenBy: 'job_file' },
      { cells: ['3', par(3)], class: 'bad_data', code: '999_999', kept: true, givenBy: 'job_file' },
      { cells: ['4', par(4)], class: 'already_done', code: '007_012', kept: true, givenBy: 'former_rule' },
      { cells: ['5', par(5)], class: 'conflict', code: '007_012', attempts: 1 },
    ];
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: given });
    const { summary } = await writeRunFolder({ ...world.options, language: 'en' });
    expect(summary.givenClasses).toEqual([
      { by: 'job_file', code: '999_999', class: 'bad_data', rows: 2 },
      { by: 'former_rule', code: '007_012', class: 'already_done', rows: 1 },
    ]);
    const byJobFile = 'class given by outcomes in the job file';
    const notesOf = async (name: string) =>
      (await readTable(world.runFolder, name)).slice(1).map((cells) => cells.at(-2));
    expect(await notesOf('results.csv')).toEqual([
      '',
      byJobFile,
      `kept from an earlier run, not called: not called any more until a person asks (retry); ${byJobFile}`,
      expect.stringMatching(/; held as success by an older rule in outcomes that is no longer allowed: /),
      '',
    ]);
    expect((await notesOf('failed.csv'))[0]).toBe(byJobFile);
    const page = (await readFolder(world.runFolder))['report.html']?.toString() ?? '';
    const told = page.match(/<p>\s*<code class="word">[^]*?<\/p>/g) ?? [];
    expect(told.map((one) => one.replaceAll(/<[^>]*>/g, '').trim())).toEqual([
      `999_999 → Wrong data (Rows: 2): ${byJobFile}`,
      expect.stringMatching(/^007_012 → Done before \(Rows: 1\): held as success by an older rule/),
    ]);
  });

  it('names every file by size and hash in the manifest', async () => {
    await using world = await openReportWorld(engine, planted);
    await writeRunFolder(world.options);
    const { 'manifest.json': _, ...files } = await readFolder(world.runFolder);
    expect(await readJson(world.runFolder, 'manifest.json')).toEqual({
      schemaVersion: 1,
      runId,
      generatedAt: '2026-11-23T16:00:00.000Z',
      programVersion: '1.2.3',
      input: { name: 'members.csv', sha256: contentHash },
      files: Object.entries(files).map(([name, bytes]) => ({
        name,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      })),
    });
  });

  it('is for its owner alone', async () => {
    await using world = await openReportWorld(engine, planted);
    await writeRunFolder(world.options);
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await modeOf(world.runFolder)).toBe('700');
    for (const name of Object.keys(await readFolder(world.runFolder))) {
      expect(await modeOf(join(world.runFolder, name))).toBe('600');
    }
  });

  it('of a list without rows has headers only', async () => {
    await using world = await openReportWorld(engine, { ...planted, rows: [] });
    const { summary } = await writeRunFolder(world.options);
    const header = [...planted.header, ...resultColumns];
    for (const name of ['results', 'succeeded', 'failed', 'rejected', 'unprocessed']) {
      expect(await readTable(world.runFolder, `${name}.csv`)).toEqual([header]);
    }
    expect(summary).toMatchObject({ calls: 0, rate: { used: 0 }, latencyMs: { p50: null } });
  });

  it('keeps cells beyond the header in columns of their own', async () => {
    await using world = await openReportWorld(engine, {
      header: ['user_id', 'par', 'kona_extra_1'],
      rows: [
        { cells: ['1', par(1), 'a'], class: 'enrolled', attempts: 1 },
        { cells: ['2', par(2), 'b', 'c', '=d'], class: 'rejected', message: 'five cells' },
      ],
    });
    await writeRunFolder(world.options);
    const [header, ...records] = await readTable(world.runFolder, 'results.csv');
    expect(header?.slice(0, 6)).toEqual([
      'user_id',
      'par',
      'kona_extra_1',
      'kona_kona_extra_1',
      'kona_extra_2',
      'line',
    ]);
    expect(records.map((cells) => cells.slice(0, 7))).toEqual([
      ['1', par(1), 'a', '', '', '2', 'enrolled'],
      ['2', par(2), 'b', 'c', "'=d", '3', 'rejected'],
    ]);
  });

  it('of a list longer than a page has all its rows, once', async () => {
    const many = Array.from({ length: 10 }, (_, index): PlantedRow => ({
      cells: [String(index + 1), par(index + 1), ''],
      class: index % 3 === 0 ? 'transient' : 'enrolled',
    }));
    await using world = await openReportWorld(engine, { ...planted, rows: many });
    await world.ledger.query(
      `insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled)
       select $1, n, n + 1, array[n::text, 'PAR' || lpad(n::text, 24, '0'), ''], n::text, 'PAR' || lpad(n::text, 24, '0'),
              case when n % 3 = 0 then 'transient' else 'enrolled' end, true
       from generate_series(11, 4321) n`,
      [world.runNo],
    );
    await writeRunFolder(world.options);
    const expected = Array.from({ length: 4_321 }, (_, index) => index + 2);
    const linesOf = async (name: string) =>
      (await readTable(world.runFolder, name)).slice(1).map((cells) => Number(cells[3]));
    expect(await linesOf('results.csv')).toEqual(expected);
    const divided = [...(await linesOf('succeeded.csv')), ...(await linesOf('failed.csv'))];
    expect(divided.toSorted((a, b) => a - b)).toEqual(expected);
  });
});
