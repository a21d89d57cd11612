import { describe, expect, test, vi } from 'vitest';
import { maskId } from '../../src/domain/identity/masking.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { evil, visibleText } from '../report/html/page-world.ts';
import { openReportWorld, par, plantCalls, runId, type PlantedRow } from '../report/report-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const userId = '1234567890123';
const rows: readonly PlantedRow[] = [
  { cells: [userId, par(1)], class: 'conflict', code: '007_012', httpStatus: 400, attempts: 1 },
  { cells: ['2'], class: 'rejected' },
];

interface PlantedRecord {
  readonly userId: string;
  readonly par: string;
  readonly provider?: string;
  readonly message?: string;
}

/** Plants a record that was called once and refused. */
async function plantRecord(ledger: Ledger, record: PlantedRecord): Promise<void> {
  await ledger.query(
    `insert into enrollment (provider, user_id, par, status, since, code, message, attempts, last_run_no)
     values ($1, $2, $3, 'conflict', '2026-11-22T16:00:00Z', '007_012', $4, 1, 1)`,
    [record.provider ?? 'provider-a', record.userId, record.par, record.message ?? null],
  );
}

async function openSearchWorld(
  engine: (typeof ledgerEngines)[number],
  message = `member ${userId} has a plan`,
) {
  const world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
  await world.ledger.query(`update list_row set user_id = $1, par = $2, message = $3 where row_no = 1`, [
    userId,
    par(1),
    message,
  ]);
  await plantRecord(world.ledger, { userId, par: par(1), message });
  await plantCalls(world.ledger, world.runNo, [{ rowNo: 1, atMs: 0, latencyMs: 20 }]);
  return world;
}

describe.each(ledgerEngines)('search of a record, ledger on $name', (engine) => {
  test.skipIf(engine.missing).each([
    ['as it stands', userId],
    ['with blanks around it', `  ${userId}\u00a0`],
    ['in full width', '１２３４５６７８９０１２３'],
    ['in groups', '123-4567 890–123'],
    ['with zeros before it', `000${userId}`],
    ['by its PAR', ` ${par(1)} `],
    ['by run and line', `${runId}:2`],
    ['by run and line in full width', `${runId}：２`],
  ])('finds it %s, and shows its whole life masked', async (_how, what) => {
    await using world = await openSearchWorld(engine);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const { status, text, headers } = await desk.post('/search', '/search', { what });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const said = visibleText(text);
    expect(said).toContain('The life of a record');
    expect(said).toContain(
      'operations find out whose card it is, then retry names it, or resolve settles it',
    );
    expect(text).toContain(maskId(userId));
    expect(text).toContain(`href="/runs/${runId}"`);
    expect(text).toContain('261123010000-0000000');
    for (const id of [userId, par(1)]) expect(text).not.toContain(id);
  });

  test.skipIf(engine.missing)('tells it in Korean', async () => {
    await using world = await openSearchWorld(engine);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const said = visibleText((await desk.post('/search', '/search', { what: userId }, 'ko')).text);
    expect(said).toContain(
      '요청이 있기 전에는 목록에 있어도 호출하지 않습니다. 운영 담당자가 누구의 카드인지',
    );
    expect(said).toContain('건의 전체 이력');
  });

  test.skipIf(engine.missing)('lists several that fit, and shows the one that is chosen', async () => {
    await using world = await openSearchWorld(engine);
    await plantRecord(world.ledger, { userId, par: par(2) });
    await plantRecord(world.ledger, { userId, par: par(3), provider: 'elsewhere' });
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const { text } = await desk.post('/search', '/search', { what: userId });
    expect(visibleText(text)).toContain('2 records fit. Which of them?');
    const numbers = [...text.matchAll(/name="record" value="(?<no>\d+)"/g)].map(
      ({ groups }) => groups?.['no'] ?? '',
    );
    expect(numbers).toHaveLength(2);
    expect(text).not.toContain(userId);
    const chosen = await desk.post('/search', '/search', { record: numbers[1] ?? '' });
    expect(chosen.text).toContain(maskId(par(2)));
    expect(visibleText(chosen.text)).toContain('It was not called.');
    // The page did not offer this number: its record belongs to a provider that nobody serves here.
    const foreign = await desk.post('/search', '/search', { record: String(Number(numbers[1]) + 1) });
    expect(foreign.status).toBe(404);
  });

  test.skipIf(engine.missing)('a change of the language shows the same once more', async () => {
    await using world = await openSearchWorld(engine);
    await plantRecord(world.ledger, { userId, par: par(2) });
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    for (const [what, said] of [
      [userId, '2건이 해당합니다'],
      [par(1), '건의 전체 이력'],
      [`${runId}:3`, '이 행은 건이 만들어지지 않았으며'],
    ] as const) {
      const { text } = await desk.post('/search', '/search', { what });
      const form = /<form method="post" action="\/language"[^]*?<\/form>/.exec(text)?.[0] ?? '';
      const fields = [...form.matchAll(/name="(?<name>back|record|what)" value="(?<value>[^"]*)"/g)];
      const sent: Record<string, string> = {};
      for (const { groups } of fields) sent[groups?.['name'] ?? ''] = groups?.['value'] ?? '';
      const changed = await desk.post('/search', '/language', { ...sent, language: 'ko' });
      // This status makes a browser send the same form to the page.
      expect([changed.status, changed.headers.get('location')]).toEqual([307, '/search']);
      expect(visibleText((await desk.post('/search', '/search', sent, 'ko')).text)).toContain(said);
    }
  });

  test.skipIf(engine.missing)('says what it does not know, masked, and what to try', async () => {
    await using world = await openSearchWorld(engine);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const ask = async (what: string): Promise<string> =>
      (await desk.post('/search', '/search', { what })).text;
    const unknown = await ask('9876543210987');
    expect(unknown).not.toContain('9876543210987');
    expect(visibleText(unknown)).toContain('The ledger knows no record with 98*******0987.');
    expect(visibleText(unknown)).toContain('Excel rounds long numbers');
    expect(visibleText(await ask(`${runId}:99`))).toContain('No row of that run starts on that line.');
    expect(visibleText(await ask('20200101T000000Z-nightly-0000:2'))).toContain('There is no such run');
    const rejected = visibleText(await ask(`${runId}:3`));
    expect(rejected).toContain('The row has no record: nobody was called for it.');
    expect(rejected).toContain('Rejected row');
  });

  test.skipIf(engine.missing)('shows nothing of a run whose job is not served', async () => {
    await using world = await openSearchWorld(engine);
    await world.ledger.query(`update run set job = 'elsewhere'`);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const { text } = await desk.post('/search', '/search', { what: `${runId}:3` });
    expect(visibleText(text)).toContain('There is no such run');
  });

  test.skipIf(engine.missing)('takes what the provider wrote for text, whoever it names', async () => {
    await using world = await openSearchWorld(engine, `${evil} ${par(9)}`);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const { text } = await desk.post('/search', '/search', { what: userId });
    expect(text).toContain('&lt;img');
    expect(text).not.toContain('<img');
    expect(text).not.toContain(par(9));
  });

  test.skipIf(engine.missing)('asks for a form of ours, and keeps nothing in an address', async () => {
    await using world = await openSearchWorld(engine);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const forged = await desk.post('/search', '/search', { token: 'forged', what: userId });
    expect(forged.status).toBe(403);
    expect((await desk.get(`/search?what=${userId}`)).text).not.toContain(maskId(userId));
  });
});
