import { describe, expect, test } from 'vitest';
import { rowClasses } from '../../../src/domain/class.ts';
import { recordTextsIn } from '../../../src/report/texts/record-texts-in.ts';
import { ledgerEngines } from '../../support/ledgers.ts';
import { par } from '../report-world.ts';
import { agreeing, openPageWorld, visibleText, wholePar } from './page-world.ts';

test('what a list or the provider says is text, never markup', async () => {
  await using world = await openPageWorld();
  await world.ledger.query('update run set list_name = $2 where run_no = $1', [
    world.runNo,
    '<script>alert(1)</script>.csv',
  ]);
  const page = await world.write();
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;.csv');
  expect(page.match(/&lt;img src=&quot;http:\/\/192\.0\.2\.1\/x&quot;&gt;&quot; onload=&#39;/g)).toHaveLength(
    2,
  );
  const tags = page.match(/<[^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(300);
  expect(
    tags.filter((tag) => /^<(?:script|img|link|iframe)|\s(?:on[a-z]+|style|src|href)=/i.test(tag)),
  ).toEqual([]);
});

test('no id stands whole on the page', async () => {
  await using world = await openPageWorld();
  const page = await world.write();
  expect(page).not.toContain(wholePar);
  expect(page).toContain('Z9*********************2345');
  expect(page).not.toContain('12345678901');
  expect(page).not.toMatch(/PAR0{10}/);
});

test('the Korean page is Korean, the English page English', async () => {
  await using world = await openPageWorld();
  const korean = visibleText(await world.write({ language: 'ko' }));
  const english = visibleText(await world.write({ language: 'en' }));
  expect(english).not.toMatch(/[가-힣]/);
  // What is no word of a language: names of files, keys, codes, and what the planted rows say.
  const words = korean
    .replaceAll(/&[a-z]+;|&#39;|[\w-]+\.(?:csv|xlsx|json)|limits\.concurrency/g, ' ')
    .match(/[A-Za-z]{3,}/g);
  const known = new Set([
    'HTTP',
    'PAR',
    'CSV',
    'KST',
    'Asia',
    'Seoul',
    'JWE',
    'RSA',
    'OAEP',
    'GCM',
    'SHA',
    'nightly',
    'provider',
    'retry',
    'TOTALS',
    'script',
    'document',
    'title',
    'img',
    'src',
    'http',
    'onload',
  ]);
  expect((words ?? []).filter((word) => !known.has(word))).toEqual([]);
  for (const [text, language] of [
    [korean, 'ko'],
    [english, 'en'],
  ] as const) {
    for (const name of rowClasses) expect(text).toContain(recordTextsIn(language).classes[name].name);
  }
  expect(korean).toContain('2026년 11월 23일 01:05:00 KST');
  expect(english).toContain('23 November 2026 01:05:00 KST');
});

describe.each(ledgerEngines)('report.html ($name)', (engine) => {
  test.skipIf(engine.missing)('the page has the figures of the run', async () => {
    await using world = await openPageWorld(undefined, engine);
    const text = visibleText(await world.write());
    expect(text).toContain(
      'Of 14 rows: 2 enrolled, 2 enrolled before, 7 need somebody, 1 comes again by itself, 1 without a result, 1 duplicate.',
    );
    expect(text).toContain('customer 1 row');
    expect(text).toMatch(/rows read 14 = Enrolled 1 \+ Enrolled \(recovered\) 1 \+ /);
    expect(text).toContain(
      'Compared with run 20261121T160000Z-nightly-0a1a of the night of 21 November 2026.',
    );
    expect(text).toMatch(/Failing for 6 nights 7/);
    // Nights used up: of the ambiguous, not of the transient row.
    expect(text).toMatch(/Unclear [^%]*% operations It was called every night/);
    expect(text).toMatch(/Failed for now [^%]*% nobody It is called again/);
    expect(text).toContain('90 calls; 10 a second at most, with 20 a second allowed; 10 answered');
    expect(text).toContain(
      'No calls from 23 November 2026 01:00:04 KST until 23 November 2026 02:00:04 KST (1 hr)',
    );
    expect(text).toContain('of it without calls (pauses, stops) 1 hr');
    expect(text).toContain('No breaks are known.');
  });
});

test('made again it has the same bytes', async () => {
  await using world = await openPageWorld();
  expect(await world.write()).toBe(await world.write());
});

test('totals that do not agree are said before everything else, with both figures', async () => {
  await using world = await openPageWorld();
  await world.ledger.query(`update run set rows_read = 15, control_totals = $2::jsonb where run_no = $1`, [
    world.runNo,
    JSON.stringify([{ name: 'classes', class: null, expected: 15, found: 14 }, ...agreeing.slice(2)]),
  ]);
  const text = visibleText(await world.write({ totalsAgree: false, state: 'stopped' }));
  expect(text).toContain('✕ Broken totals BROKEN TOTALS: the figures do not agree.');
  expect(text).toContain('rows read 15 ≠ Enrolled 1');
  expect(text).toMatch(/= sum of the classes rows read 15 rows in a class 14 ✕ does not agree/);
  expect(text).not.toContain('Who must act: customer');
});

test('an empty list, a stopped run and one whose rows a person has settled say so', async () => {
  await using empty = await openPageWorld([]);
  const nothing = visibleText(await empty.write());
  expect(nothing).toContain('The list has no rows. Nobody was called.');
  expect(nothing).toContain('No calls were made.');
  await using world = await openPageWorld();
  expect(visibleText(await world.write({ state: 'stopped' }))).toContain(
    'Stopped before its end. Of 14 rows: 2 enrolled,',
  );
  await world.ledger.query(
    `update list_row set resolution_no = 1 where run_no = $1 and class in ('bad_data', 'conflict')`,
    [world.runNo],
  );
  expect(visibleText(await world.write())).toContain(
    '5 need somebody, 1 comes again by itself, 1 without a result, 2 settled by a person, 1 duplicate.',
  );
});

test('of more kinds of answers than a page holds the most frequent stand there, and how many are missing', async () => {
  const rows = Array.from({ length: 45 }, (_, index) => ({
    cells: [`${index + 1}`],
    class: 'unknown_code' as const,
    code: `900_${String(index).padStart(3, '0')}`,
    message: 'long '.repeat(100),
    attempts: 1,
  }));
  await using world = await openPageWorld(rows);
  const page = await world.write();
  expect(page).toContain('900_039');
  expect(page).not.toContain('900_040');
  expect(visibleText(page)).toContain('5 more kinds of answers are not shown');
  expect(page).not.toContain('long '.repeat(40));
});

test('a short id looks like any number: where the provider repeats it, it is known by its row', async () => {
  const rows = ['of a member 918273645 there is no card', 'and 918273645 again'].map((message, index) => ({
    cells: [String(index + 1), par(index + 1)],
    class: 'bad_data' as const,
    code: '000_002',
    message,
    httpStatus: 400,
    attempts: 1,
  }));
  await using world = await openPageWorld(rows);
  await world.ledger.query(`update list_row set user_id = '918273645' where row_no = 1`);
  const page = await world.write();
  expect(page).toContain('of a member ******645 there is no card');
  expect(page).not.toContain('918273645');
});
