import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import { listOf } from '../../support/enrolment-world.ts';
import { withLedgerOf } from '../../support/ledger-of-world.ts';
import { ledgerEngines, serverEngine } from '../../support/ledgers.ts';
import { NamedBrowser, PROXY_SECRET } from './named-browser.ts';
import { createSignedInWorld, type SignedInWorld } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

/** Max may upload and approve, but may not approve his own uploads. */
const env = {
  KONA_DESK_PROXY_SECRET: PROXY_SECRET,
  KONA_DESK_UPLOADERS: 'kim@corp.example,max@corp.example',
  KONA_DESK_APPROVERS: 'lee@corp.example,max@corp.example',
};
const QUICK = 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\nguards: { canary: 0 }';

async function trailOf(desk: SignedInWorld): Promise<readonly string[]> {
  return await withLedgerOf(desk.world, async (ledger) => {
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole' });
    const rows = await ledger.query<{ who: string; what: string }>(
      `select who, what from audit_entry where what not in ('signed_in', 'not_allowed') order by entry_no`,
    );
    return rows.map(({ who, what }) => `${who.split('@')[0] ?? ''} ${what}`);
  });
}

describe.each(ledgerEngines)('four eyes at the desk, ledger on $name', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('nobody is called before somebody else has approved, and each step is an entry of the trail', async () => {
    await using desk = await createSignedInWorld({ env, engine, job: QUICK });
    const { sandbox } = desk.world;
    const [kim, lee, max, ann] = ['kim', 'lee', 'max', 'ann'].map(
      (name) => new NamedBrowser(desk.place, `${name}@corp.example`),
    ) as [NamedBrowser, NamedBrowser, NamedBrowser, NamedBrowser];
    const path = await max.upload('list.csv', listOf(3));
    const own = await max.page(path);
    expect(own.text).toContain('You uploaded this list. Somebody else has to approve it');
    expect(own.text).not.toContain(`${path}/approve`);
    expect((await ann.page(path)).text).toContain('Somebody with the role approver has to approve');
    // The uploader can approve it neither by hand nor with another person's form.
    const { text } = await lee.page(path);
    expect(text).toContain('Approve: 3 records to call');
    const planned = /name="planned"\s+value="(?<planned>[^"]+)"/.exec(text)?.groups?.['planned'] ?? '';
    const refused = await max.press(path, 'approve', { planned });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('somebody else decides about it');
    for (const [who, action] of [
      [kim, 'approve'],
      [ann, 'approve'],
      [ann, 'withdraw'],
      [kim, 'withdraw'],
      [kim, 'decline'],
    ] as const)
      expect((await who.press(path, action, { planned })).status).toBe(403);
    expect((await max.press(path, 'start')).status).toBe(409);
    // A page that was opened before the list was read again shows another plan.
    const old = new Date(Date.parse(planned) - 1).toISOString();
    expect((await lee.press(path, 'approve', { planned: old })).status).toBe(409);
    expect(sandbox.calls()).toHaveLength(0);

    expect((await lee.press(path, 'approve')).status).toBe(303);
    await kim.until(path, 'ended');
    expect(sandbox.calls()).toHaveLength(3);
    expect((await ann.page(path)).text).toContain('lee@corp.example');
    expect((await lee.press(path, 'approve', { planned })).status).toBe(409);
    // Only an uploader may take whole ids, and only for a reason; the trail points to the access log.
    const taken = { name: 'succeeded.csv', reason: 'proof for the audit' };
    expect((await ann.press(path, 'files', taken)).status).toBe(403);
    expect((await kim.press(path, 'files', taken)).status).toBe(200);
    await desk.stop();
    expect(await trailOf(desk)).toEqual([
      'max uploaded',
      'kona-enroll planned',
      'lee approved',
      'lee started',
      'kona-enroll ended',
      'kim downloaded',
    ]);
    // People whom the proxy signed in are entered once, and so is what they were refused.
    expect(
      await withLedgerOf(
        desk.world,
        async (ledger) =>
          await ledger.query(
            `select who, what, count(*)::integer as entries from audit_entry where what in ('signed_in', 'not_allowed')
             group by who, what order by what, who`,
          ),
      ),
    ).toEqual([
      { who: 'ann@corp.example', what: 'not_allowed', entries: 3 },
      { who: 'kim@corp.example', what: 'not_allowed', entries: 3 },
      { who: 'max@corp.example', what: 'not_allowed', entries: 1 },
      ...['ann', 'kim', 'lee', 'max'].map((name) => ({
        who: `${name}@corp.example`,
        what: 'signed_in',
        entries: 1,
      })),
    ]);
    expect(
      await withLedgerOf(
        desk.world,
        async (ledger) =>
          await ledger.query(
            `select l.actor, l.reason, a.detail from audit_entry a join access_log l on l.entry_no = a.access_no`,
          ),
      ),
    ).toEqual([
      { actor: 'kim@corp.example', reason: taken.reason, detail: `succeeded.csv: ${taken.reason}` },
    ]);
  });

  it('who does not approve says why, and it is the uploader’s to withdraw', async () => {
    await using desk = await createSignedInWorld({ env, engine, job: QUICK });
    const kim = new NamedBrowser(desk.place, 'kim@corp.example');
    const lee = new NamedBrowser(desk.place, 'lee@corp.example', 'ko');
    const declined = await kim.upload('list.csv', listOf(2));
    expect((await lee.press(declined, 'decline', { reason: ' ' })).status).toBe(400);
    expect((await lee.press(declined, 'decline', { reason: '지난달 명단입니다' })).status).toBe(303);
    const page = await kim.page(declined);
    expect(page.text).toContain('lee@corp.example did not approve this list');
    expect(page.text).toContain('지난달 명단입니다');
    expect((await lee.page(declined)).text).toContain('승인하지 않았습니다');
    const withdrawn = await kim.upload('list.csv', listOf(2));
    expect((await kim.press(withdrawn, 'withdraw')).status).toBe(303);
    expect((await lee.press(withdrawn, 'approve')).status).toBe(409);
    expect(desk.world.sandbox.calls()).toHaveLength(0);
    await desk.stop();
    expect(await trailOf(desk)).toEqual([
      'kim uploaded',
      'kona-enroll planned',
      'lee refused',
      'kim uploaded',
      'kona-enroll planned',
      'kim withdrawn',
    ]);
  });

  it('nobody approves what changed since the page was drawn: settings are shown anew, a file is refused', async () => {
    await using desk = await createSignedInWorld({ env, engine, job: QUICK });
    const { cwd, sandbox } = desk.world;
    const kim = new NamedBrowser(desk.place, 'kim@corp.example');
    const lee = new NamedBrowser(desk.place, 'lee@corp.example');
    const path = await kim.upload('list.csv', listOf(2));
    const job = await readFile(join(cwd, 'job.yaml'), 'utf8');
    await desk.world.writeList('job.yaml', job.replace('1000/s', '900/s'));
    expect((await lee.press(path, 'approve')).status).toBe(303);
    await kim.until(path, 'planned');
    const { text } = await lee.page(path);
    expect(text).toContain('The settings of this kind of upload have changed since the list was read');
    expect(text).toContain('900/s');
    await rm(join(cwd, 'runs', path, 'list.csv'));
    expect((await lee.press(path, 'approve')).status).toBe(303);
    await kim.until(path, 'refused');
    expect((await lee.page(path)).text).toContain('somebody has deleted the file on this machine');
    expect(sandbox.calls()).toHaveLength(0);
  });

  it('an approval outlives the process: whoever works then makes the run', async () => {
    await using desk = await createSignedInWorld({ env, engine, job: QUICK, words: ['--only', 'desk'] });
    const kim = new NamedBrowser(desk.place, 'kim@corp.example');
    const path = await kim.upload('list.csv', listOf(3));
    await new NamedBrowser(desk.place, 'lee@corp.example').press(path, 'approve');
    await desk.stop();
    expect(desk.world.sandbox.calls()).toHaveLength(0);
    await desk.start();
    await kim.until(path, 'ended');
    expect(desk.world.sandbox.calls()).toHaveLength(3);
  });

  it('what is called under an approval is bounded by it, over a stop and another start', async () => {
    const waiting = Promise.withResolvers<void>();
    const now = (): Date => {
      if (desk.world.sandbox.calls().length >= 2) waiting.resolve();
      return new Date();
    };
    const slow = 'limits: { rate: 4/s, concurrency: 1, timeout: 5s }\nguards: { canary: 0 }';
    await using desk = await createSignedInWorld({ env, engine, job: slow, sandbox: { now } });
    const kim = new NamedBrowser(desk.place, 'kim@corp.example');
    const path = await kim.upload('list.csv', listOf(30));
    await new NamedBrowser(desk.place, 'lee@corp.example').press(path, 'approve');
    await waiting.promise;
    await desk.stop();
    const before = desk.world.sandbox.calls().length;
    expect(before).toBeLessThan(30);
    // The ledger now acts as if fewer calls had been approved: the run makes two more and leaves the other records
    // uncalled.
    const approved = before + 2;
    await withLedgerOf(desk.world, async (ledger) => {
      await ledger.query('update desk_upload set approved_calls = $1', [approved]);
    });
    await desk.start();
    await kim.until(path, 'ended');
    expect(desk.world.sandbox.calls()).toHaveLength(approved);
  });
});

describe('an approval that the ledger outran (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('is void where more would be called: both plans are shown, and nobody is called until that is approved', async () => {
    await using desk = await createSignedInWorld({
      env,
      engine: serverEngine,
      job: QUICK,
      words: ['--only', 'desk'],
    });
    const kim = new NamedBrowser(desk.place, 'kim@corp.example');
    const lee = new NamedBrowser(desk.place, 'lee@corp.example');
    await withLedgerOf(desk.world, async (ledger) => {
      await ledger.query(
        `insert into enrollment (provider, user_id, par, status, first_success_at, recorded_at)
         select 'truth', user_id, par, 'enrolled', now(), now()
         from unnest($1::text[], $2::text[]) as known(user_id, par)`,
        [membersOf(2).map(([userId = '']) => userId), membersOf(2).map(([, par = '']) => par)],
      );
    });
    const path = await kim.upload('list.csv', listOf(3));
    expect((await lee.page(path)).text).toContain('Approve: 1 records to call');
    await lee.press(path, 'approve');
    await desk.stop();
    await withLedgerOf(desk.world, async (ledger) => {
      await ledger.query('delete from enrollment');
    });
    await desk.start();
    await kim.until(path, 'planned');
    expect(desk.world.sandbox.calls()).toHaveLength(0);
    const page = await lee.page(path);
    expect(page.text).toContain('An approval does not hold any more: other runs have changed the ledger');
    const shown = page.text.replaceAll(/<[^>]+>|\s+/g, ' ').replaceAll(/ +/g, ' ');
    expect(shown).toMatch(/Rows Approved Now .* 2 0 .* 1 3/);
    expect(page.text).toContain('Approve: 3 records to call');
    await lee.press(path, 'approve');
    await kim.until(path, 'ended');
    expect(desk.world.sandbox.calls()).toHaveLength(3);
    await desk.stop();
    expect((await trailOf(desk)).filter((entry) => /voided|approved/.test(entry))).toEqual([
      'lee approved',
      'kona-enroll voided',
      'lee approved',
    ]);
  });
});

function membersOf(count: number): readonly (readonly string[])[] {
  return listOf(count)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}
