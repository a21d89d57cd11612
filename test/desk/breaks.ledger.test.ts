import { describe, expect, test, vi } from 'vitest';
import { maskId } from '../../src/domain/identity/masking.ts';
import { readBreaksByNumber } from '../../src/ledger/breaks/break-table.ts';
import { readAuditTrail } from '../../src/ledger/desk/audit-trail.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { countOn, type Visits } from '../support/visited-rows.ts';
import { evil, visibleText } from '../report/html/page-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const userId = '1234567890123';

interface PlantedBreaks {
  readonly kind?: 'not_enrolled' | 'unknown_to_us';
  readonly provider?: string;
  readonly job?: string | null;
  readonly night?: string;
  readonly state?: 'open' | 'closed';
}

async function plantBreaks(ledger: Ledger, count: number, planted: PlantedBreaks = {}): Promise<void> {
  const { kind = 'not_enrolled', provider = 'provider-a', job = 'nightly', night = '2026-11-22' } = planted;
  const closed = planted.state === 'closed' ? night : null;
  await ledger.query(
    `insert into break (provider, job, kind, user_id, par, details, first_seen_at, first_night, last_seen_at, state,
                        closed_at, closed_night)
     select $1, $2, $3, ($4::bigint + n)::text, 'PAR' || lpad(n::text, 24, '0'), 'conflict 007_012', $5::timestamptz,
            $5::date, $5::timestamptz, case when $6::date is null then 'open' else 'closed' end,
            $6::timestamptz, $6::date
     from generate_series(0, $7::integer - 1) n`,
    [provider, job, kind, userId, night, closed, count],
  );
}

async function openWorld(engine: (typeof ledgerEngines)[number]) {
  const opened = await openTestLedger(engine);
  return { ...opened, openDesk: async () => await openLedgerDesk(opened.ledger, opened.world.folder) };
}

describe.each(ledgerEngines)('pages of breaks, ledger on $name', (engine) => {
  test.skipIf(engine.missing)('count the open ones by kind and age, and lead to each kind', async () => {
    await using world = await openWorld(engine);
    await plantBreaks(world.ledger, 3);
    await plantBreaks(world.ledger, 2, { kind: 'unknown_to_us', job: null, night: '2026-10-01' });
    await plantBreaks(world.ledger, 4, { provider: 'elsewhere', kind: 'unknown_to_us', job: null });
    await plantBreaks(world.ledger, 5, { job: 'other' });
    await plantBreaks(world.ledger, 6, { state: 'closed' });
    await using desk = await world.openDesk();
    const said = visibleText((await desk.get('/breaks')).text);
    expect(said).toMatch(/In the list, not enrolled .* 3 1 to 2 nights: 3 See its class/);
    expect(said).toMatch(/At the provider, unknown to us .* 2 more than 30 nights: 2 Find out/);
    expect(visibleText((await desk.get('/breaks', 'ko')).text)).toMatch(/목록에 있으나 미등록 .* 3 1~2일: 3/);
    expect((await desk.get('/breaks/not_enrolled')).text.match(/<th scope="row">/g)).toHaveLength(3);
    expect((await desk.get('/breaks/nonsense')).status).toBe(404);
  });

  test.skipIf(engine.missing)('go on fifty at a time, and no page reads more than it shows', async () => {
    await using world = await openWorld(engine);
    await plantBreaks(world.ledger, 5_000, { state: 'closed' });
    await plantBreaks(world.ledger, 10_000);
    await plantBreaks(world.ledger, 5_000, { kind: 'unknown_to_us', job: null });
    await world.ledger.query('analyze break');
    const visits: Visits = new Map();
    await using desk = await openLedgerDesk(countOn(world.ledger, visits), world.world.folder);
    const first = (await desk.get('/breaks/not_enrolled')).text;
    expect(first.match(/<th scope="row">/g)).toHaveLength(50);
    const next = /href="(?<next>\/breaks\/not_enrolled\?after=\d+)"/.exec(first)?.groups?.['next'] ?? '';
    expect(next).toBe('/breaks/not_enrolled?after=5050');
    expect((await desk.get(next)).text).toContain('href="/breaks/5051"');
    const last = (await desk.get('/breaks/not_enrolled?after=14970')).text;
    expect(last.match(/<th scope="row">/g)).toHaveLength(30);
    expect(last).not.toContain('href="/breaks/not_enrolled?after=');
    const read = [...visits].filter(([sql]) => /from break\b/.test(sql)).map(([, count]) => count);
    expect(read.length).toBeGreaterThan(0);
    // The query reads the rows shown, one more, the step above them, and the break they come after.
    expect(Math.max(...read)).toBeLessThanOrEqual(104);
  });

  test.skipIf(engine.missing)('show one masked, and keep why it may stay, with who said it', async () => {
    await using world = await openWorld(engine);
    await plantBreaks(world.ledger, 1);
    await using desk = await world.openDesk();
    const before = (await desk.get('/breaks/1')).text;
    expect(before).toContain(maskId(userId));
    expect(before).toContain('conflict 007_012');
    const note = `${evil} asked ${userId} 명단 담당자`;
    const kept = await desk.post('/breaks/1', '/breaks/1', { note });
    expect([kept.status, kept.headers.get('location')]).toEqual([303, '/breaks/1']);
    const [row] = await readBreaksByNumber(world.ledger, [1]);
    expect(row).toMatchObject({ state: 'explained', explained_by: 'tester', note });
    const after = (await desk.get('/breaks/1')).text;
    expect(after).toContain('명단 담당자');
    expect(after).not.toContain('<img');
    for (const page of [before, after]) expect(page).not.toContain(userId);
    const trail = await readAuditTrail(world.ledger, { since: null, limit: null });
    expect(trail).toMatchObject([{ who: 'tester', what: 'settled' }]);
    expect(JSON.stringify(trail)).toContain('break 1: ');
    expect(JSON.stringify(trail)).not.toContain(userId);
    expect((await desk.get('/breaks/not_enrolled')).text).not.toContain('href="/breaks/1"');
  });

  test.skipIf(engine.missing)(
    'keep nothing without a note, of a closed one, and for a forged form',
    async () => {
      await using world = await openWorld(engine);
      await plantBreaks(world.ledger, 1);
      await plantBreaks(world.ledger, 1, { state: 'closed' });
      await plantBreaks(world.ledger, 1, { provider: 'elsewhere' });
      await using desk = await world.openDesk();
      const empty = await desk.post('/breaks/1', '/breaks/1', { note: ' \n ' });
      expect(visibleText(empty.text)).toContain('without a note nothing was kept');
      await desk.post('/breaks/1', '/breaks/2', { note: 'why' });
      expect((await desk.post('/breaks/1', '/breaks/3', { note: 'why' })).status).toBe(404);
      expect((await desk.post('/breaks/1', '/breaks/1', { token: 'forged', note: 'why' })).status).toBe(403);
      const rows = await readBreaksByNumber(world.ledger, [1, 2, 3]);
      expect(rows.map(({ state, note }) => [state, note])).toEqual([
        ['open', null],
        ['closed', null],
        ['open', null],
      ]);
      expect(await readAuditTrail(world.ledger, { since: null, limit: null })).toEqual([]);
      expect(visibleText((await desk.get('/breaks/2')).text)).toContain('nothing is left to explain');
      expect((await desk.get('/breaks/3')).status).toBe(404);
    },
  );
});
