import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import type { Language } from '../../src/domain/language.ts';
import { maskId } from '../../src/domain/identity/masking.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { summaryRows } from '../../src/report/xlsx/summary-sheet.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { officeIsMissing, readByOffice } from '../support/office.ts';
import {
  correlationId,
  openReportWorld,
  par,
  readFolder,
  readTable,
  type PlantedRow,
} from './report-world.ts';

const bigId = '9999999999999999999';
const rows: readonly PlantedRow[] = [
  { cells: [bigId, par(1), '김'], class: 'enrolled', code: '000_000', attempts: 1 },
  { cells: ['02', par(2), '=cmd()'], class: 'action_required', code: '007_015', attempts: 1, nights: 1 },
  { cells: ['3', par(3), '이'], class: 'action_required', code: '009_001', attempts: 1, nights: 3 },
  { cells: ['4', par(4), '@x'], class: 'bad_data', code: '001_003', message: 'Invalid.', attempts: 1 },
  { cells: ['5', par(5), ''], class: 'conflict', code: '007_012', attempts: 1 },
  {
    cells: ['6', par(6), '박'],
    class: 'unknown_code',
    code: '123_456',
    message: `no member 6 with ${par(6)}`,
    httpStatus: 400,
    attempts: 2,
  },
  { cells: ['7', par(7), ''], class: 'transient', attempts: 5, nights: 1 },
  { cells: ['8', par(8), ''], class: 'ambiguous', attempts: 5, nights: 3 },
  {
    cells: ['9x', par(9), ''],
    class: 'rejected',
    code: 'user_id_format',
    message: 'user | id 9x is wrong; mend it. | user | id: 9x 틀렸습니다; 고쳐 주십시오.',
  },
  { cells: [bigId, par(1), '김'], class: 'duplicate', sameAsRow: 1 },
  { cells: ['11', par(11), ''], class: 'disputed' },
  { cells: ['12', par(12), ''], class: 'unprocessed' },
];
const header = ['user_id', 'par', 'line'];

async function openWorld(engine = embeddedEngine) {
  const world = await openReportWorld(engine, { header, rows });
  // What a test plants as rejected has the reason `cells`.
  await world.ledger.query(`update list_row set code = 'user_id_format' where class = 'rejected'`);
  await world.ledger.query(
    `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, outcome, raw_reply)
     values ($1, 6, 6, '2026-11-22', $2, '2026-11-22T16:00:02Z', 'answered', 'unknown_code', $3)`,
    [world.runNo, correlationId(6), `{"code":"123_456",\r\n"userId":"6","par":"${par(6)}\u202e"}`],
  );
  return world;
}

async function readWorkbook(folder: string): Promise<Record<string, unknown[][]>> {
  const { sheets } = await readXlsx(await readFile(join(folder, 'report.xlsx')));
  return Object.fromEntries(sheets.map(({ name, rows: cells }) => [name, cells as unknown[][]]));
}

describe.each(ledgerEngines)('lists by audience ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('customers to call have the list’s own cells and what to say, without an id in it', async () => {
    await using world = await openWorld(engine);
    await writeRunFolder(world.options);
    const [names, ...calls] = await readTable(world.runFolder, 'customers-to-call.csv');
    expect(names).toEqual([...header, 'kona_line', 'code', 'reason', 'text_to_say']);
    expect(calls.map((cells) => cells.slice(0, 6))).toEqual([
      ['02', par(2), "'=cmd()", '3', '007_015', 'The member has not accepted the open banking terms'],
      ['3', par(3), '이', '4', '009_001', 'The customer must look into it'],
    ]);
    expect(calls.map((cells) => cells[6])).toEqual([
      expect.stringContaining('accept the open banking terms'),
      expect.stringContaining('need your help'),
    ]);
  });

  it('data to correct names line, column, fault and what to do, in the language of the report', async () => {
    await using world = await openWorld(engine);
    await writeRunFolder({ ...world.options, language: 'ko' });
    const [names, ...faults] = await readTable(world.runFolder, 'data-to-correct.csv');
    expect(names?.slice(3)).toEqual(['kona_line', 'class', 'column', 'what_is_wrong', 'what_to_do']);
    expect(faults.map((cells) => cells.slice(2, 7))).toEqual([
      ["'@x", '5', '데이터 오류', 'par', '001_003 PAR가 없거나 유효하지 않음 (Invalid.)'],
      ['', '10', '거부된 행', 'user_id', 'user | id: 9x 틀렸습니다; 고쳐 주십시오.'],
      ['', '12', '회원 불일치 PAR', 'par', expect.stringContaining('여러 회원번호')],
    ]);
    expect(faults.every((cells) => (cells[7] ?? '').length > 10)).toBe(true);
  });

  it('developers get the raw reply with every id masked', async () => {
    await using world = await openWorld(engine);
    await writeRunFolder(world.options);
    const [names = [], ...unknown] = await readTable(world.runFolder, 'for-developers.csv');
    const [row = []] = unknown;
    expect(unknown).toHaveLength(1);
    expect(Object.fromEntries(names.map((name, index) => [name, row[index]]))).toEqual({
      line: '7',
      http_status: '400',
      code: '123_456',
      message: `no member * with ${maskId(par(6))}`,
      correlation_id: correlationId(6),
      attempts: '2',
      last_attempt_at: '2026-11-22T16:00:02.050Z',
      rule: 'no rule for "123_456" (HTTP 400): give it a class under outcomes in the job file',
      user_id_masked: '*',
      par_masked: maskId(par(6)),
      raw_reply_masked: `{"code":"123_456", "userId":"*","par":"${maskId(par(6))}"}`,
    });
    const text = (await readFolder(world.runFolder))['for-developers.csv']?.toString('utf8');
    expect(text).not.toContain(par(6));
  });
});

test('without rows of theirs the lists are there with their headers', async () => {
  const enrolled: PlantedRow[] = [{ cells: ['1', par(1)], class: 'enrolled', attempts: 1 }];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows: enrolled });
  await writeRunFolder(world.options);
  const names = [
    'customers-to-call.csv',
    'data-to-correct.csv',
    'for-developers.csv',
    'nights-used-up.csv',
    'difference.csv',
  ];
  for (const name of names) {
    expect(await readTable(world.runFolder, name)).toHaveLength(1);
  }
  expect(Object.keys(await readWorkbook(world.runFolder))).toEqual([
    'Summary',
    'Customers to call',
    'Data to correct',
    'For developers',
    'Nights used up tonight',
  ]);
});

test('report.xlsx has the summary, the lists by audience, and each class on which somebody must act', async () => {
  await using world = await openWorld();
  await writeRunFolder(world.options);
  const sheets = await readWorkbook(world.runFolder);
  const sizes = Object.entries(sheets).map(([name, cells]) => [name, cells.length - 1]);
  expect(sizes.slice(1)).toEqual([
    ['Customers to call', 2],
    ['Data to correct', 3],
    ['For developers', 1],
    ['Nights used up tonight', 2],
    ['Customer must act', 2],
    ['Wrong data', 1],
    ['Conflict', 1],
    ['Unknown code', 1],
    ['Unclear', 1],
    ['Rejected row', 1],
    ['Disputed PAR', 1],
  ]);
  expect(sheets['Customer must act']?.[1]?.slice(0, 5)).toEqual([
    '02',
    par(2),
    '=cmd()',
    '3',
    'Customer must act',
  ]);
  const summary = sheets['Summary'] ?? [];
  const find = (label: string) => summary.find((cells) => cells[0] === label);
  expect(find('Rows read')?.slice(0, 3)).toEqual(['Rows read', 12, 'agree']);
  expect(
    summary.filter((cells) => cells[0] === 'Customer must act').map((cells) => cells.slice(1, 3)),
  ).toEqual([
    [1, 'customer'],
    [1, 'operations'],
  ]);
  expect(find('007_012')).toEqual(['007_012', 1, null, 'A plan is set for this PAR already']);
  expect(find('customer')?.slice(0, 2)).toEqual(['customer', 1]);
  expect(summary.flat()).toContainEqual(
    expect.stringMatching(/^Complete, but not everybody is enrolled\. Of 12 rows: 1 enrolled, /),
  );
  // What people read first stands first: proofs behind classes.
  const place = (label: string): number => summary.findIndex((cells) => cells[0] === label);
  expect(place('Who must act')).toBeLessThan(place('Rows by class'));
  expect(place('Rows by class')).toBeLessThan(place('How the run went'));
});

test('the summary asks nobody to act on what a person has settled, and counts it beside the class', async () => {
  await using world = await openWorld();
  await world.ledger.query('update list_row set resolution_no = 1 where row_no in (2, 5)');
  await writeRunFolder(world.options);
  const { Summary: summary = [] } = await readWorkbook(world.runFolder);
  const told = (label: string) =>
    summary.filter((cells) => cells[0] === label).map((cells) => cells.slice(1, 4));
  const settled = expect.stringMatching(/^A person has settled it/) as unknown;
  expect(told('Customer must act')).toEqual([
    [1, 'operations', expect.any(String)],
    [1, 'nobody', settled],
  ]);
  expect(told('Conflict')).toEqual([[1, 'nobody', settled]]);
  expect(told('Wrong data')).toEqual([[1, 'list owner', expect.any(String)]]);
});

test.each<[Language, string, string, string]>([
  ['en', 'Classes given by outcomes', 'Wrong data', 'class given by outcomes in the job file'],
  ['ko', '기본 규칙이 아닌 outcomes로 정한 분류', '데이터 오류', '작업 파일의 outcomes에서 정한 분류입니다'],
])('the summary shows the classes that outcomes gave, in %s', async (language, heading, name, giver) => {
  await using world = await openWorld();
  const { summary } = await writeRunFolder(world.options);
  const options = { language, timeZone: 'Asia/Seoul', breaks: [], failedLeftOut: null } as const;
  const shown = (given: typeof summary.givenClasses) =>
    summaryRows({ ...summary, givenClasses: given }, options).map((row) =>
      row.map((cell) => (typeof cell === 'string' ? cell : cell.value)),
    );
  const sheet = shown([{ by: 'job_file', code: '999_999', class: 'bad_data', rows: 2 }]);
  const from = sheet.findIndex(([first]) => first === heading);
  expect(sheet[from + 1]).toEqual(['999_999', 2, name, giver]);
  expect(shown([]).flat()).not.toContain(heading);
});

test('the summary shows each control total and the difference from last night', async () => {
  await using world = await openWorld();
  const { summary } = await writeRunFolder(world.options);
  const check = { name: 'attempts', class: 'transient', expected: 5, found: 4, agrees: false } as const;
  const comparedWith = { runId: 'r', night: '2026-11-21' };
  const counts = { added: 1, gone: 2, parChanged: 3, newlyFailing: 4, cured: 5 };
  const difference = { comparedWith, ...counts, stillFailing: [{ nights: 2, records: 6 }] };
  const options = {
    language: 'en',
    timeZone: 'Asia/Seoul',
    breaks: [],
    failedLeftOut: null,
  } as const;
  const shown = summaryRows({ ...summary, controlTotals: [check], difference }, options).map((row) =>
    row.map((cell) => (typeof cell === 'string' ? cell : cell.value)),
  );
  expect(shown).toContainEqual(['Calls on the rows = calls recorded (Failed for now)', 5, 4, 'DO NOT AGREE']);
  const from = shown.findIndex(([first]) => first === 'Difference from the night of 2026-11-21');
  expect(shown.slice(from + 1, from + 7).map((row) => row[1])).toEqual([1, 2, 3, 4, 5, 6]);
  expect(shown[from + 6]?.[0]).toBe('Failing for 2 nights');
});

test.each<[Language, string, readonly string[]]>([
  [
    'ko',
    '목록에 있으나 미등록',
    ['신규', '계속 미해결', '미해결: 오늘 밤', '미해결: 31일 이상', '소명됨', '해소됨'],
  ],
  [
    'en',
    'In the list, not enrolled',
    ['New', 'Still open', 'Open: tonight', 'Open: more than 30 nights', 'Explained', 'Gone'],
  ],
])(
  'the summary has the breaks of each kind, how old they are and what to do, in %s',
  async (language, kind, parts) => {
    await using world = await openWorld();
    const { summary } = await writeRunFolder(world.options);
    const ages = { '0': 1, '1-2': 0, '3-7': 0, '8-30': 0, '31+': 2 };
    const figures = { kind: 'not_enrolled', fresh: 1, stillOpen: 2, explained: 3, gone: 4, ages } as const;
    const options = {
      language,
      timeZone: 'Asia/Seoul',
      breaks: [figures],
      failedLeftOut: null,
    } as const;
    const shown = summaryRows(summary, options).map((row) =>
      row.map((cell) => (typeof cell === 'string' ? cell : cell.value)),
    );
    const from = shown.findIndex(([first]) => first === kind);
    expect(shown[from]).toEqual([kind, 3, '', expect.stringMatching(/.{10}/)]);
    expect(shown.slice(from + 1, from + 8)).toEqual([
      ...parts.map((name, index) => [name, [1, 2, 1, 2, 3, 4][index]]),
      [],
    ]);
    const without = summaryRows(summary, { ...options, breaks: [] }).flat();
    expect(without).toContain(language === 'ko' ? '확인된 불일치가 없습니다.' : 'No breaks are known.');
  },
);

test('the summary says what is left out, and the sign is red where totals do not agree', async () => {
  await using world = await openWorld();
  const { summary } = await writeRunFolder({ ...world.options, totalsAgree: false });
  const options = { language: 'en', timeZone: 'Asia/Seoul', breaks: [], failedLeftOut: null } as const;
  expect(summaryRows(summary, options).flat()).toContainEqual({ value: 'Broken totals', style: 'bad' });
  await world.ledger.query(`update list_row set cells[3] = repeat('y', 40000) where row_no = 4`);
  await writeRunFolder(world.options);
  const sheets = await readWorkbook(world.runFolder);
  expect(sheets['Summary']?.flat()).toContainEqual(
    expect.stringContaining('failed.xlsx was left out: a cell on line 5'),
  );
  expect(String(sheets['Wrong data']?.[1]?.[2])).toHaveLength(32_767);
});

test('a column of the list that is called as one of ours keeps its name, and ours has another', async () => {
  await using world = await openReportWorld(embeddedEngine, {
    header: ['user_id', 'par', '비고'],
    rows: [{ cells: ['1', par(1), 'mine'], class: 'conflict', attempts: 1 }],
  });
  await writeRunFolder({ ...world.options, language: 'ko' });
  const [headings = [], cells = []] = (await readWorkbook(world.runFolder))['충돌'] ?? [];
  expect(headings.filter((name) => name === '비고')).toHaveLength(1);
  expect(headings).toContain('kona_비고');
  // Words and times are those of the reader: no raw class, no UTC.
  expect(cells).toContain('충돌');
  expect(cells).not.toContain('conflict');
  expect(headings).toContain('첫 호출(KST)');
  expect(cells).toContain('2026-11-23 01:00:01');
});

test.each<[Language, string, string]>([
  ['ko', '전화할 고객', '요약'],
  ['en', 'Customers to call', 'Summary'],
])(
  'report.xlsx in %s opens with ids as text and figures as numbers (LibreOffice)',
  { skip: officeIsMissing, timeout: 120_000 },
  async (language, customers, summary) => {
    await using world = await openWorld();
    await writeRunFolder({ ...world.options, language });
    const sheets = await readByOffice(join(world.runFolder, 'report.xlsx'));
    expect(Object.keys(sheets)).toHaveLength(12);
    expect(sheets[customers]?.[1]?.slice(0, 4)).toEqual(['02', par(2), '=cmd()', '3']);
    expect(sheets[summary]?.flat()).toContain('12');
  },
);

test('a long reply is masked for developers before it is cut', async () => {
  await using world = await openWorld();
  await world.ledger.query('update attempt set raw_reply = $1 where row_no = 6', [
    `${'.'.repeat(3_990)} ${par(6)} and more`,
  ]);
  await writeRunFolder(world.options);
  const [, cells] = await readTable(world.runFolder, 'for-developers.csv');
  expect(cells?.at(-1)).toBe(`${'.'.repeat(3_990)} PA*******`);
});
