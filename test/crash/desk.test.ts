import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createDeskBrowser } from '../desk/desk-browser.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, startProgram, type StartedProgram } from '../support/program.ts';
import { findFreePort } from '../support/server/free-port.ts';

vi.setConfig({ testTimeout: 600_000 });

const JOB = [
  'desk: { upload: true }',
  'limits: { rate: 20/s, concurrency: 2, timeout: 5s }',
  'guards: { canary: 0 }',
].join('\n');

async function serveDesk(world: EnrolmentWorld, port: number): Promise<StartedProgram> {
  const program = startProgram(['serve', 'job.yaml', '--listen', `127.0.0.1:${port}`], world);
  await program.said('Ctrl-C or SIGTERM ends it');
  return program;
}

async function kill(program: StartedProgram): Promise<void> {
  program.kill('SIGKILL');
  await program.ended;
}

async function uploadsIn({ cwd }: EnrolmentWorld): Promise<readonly string[]> {
  return await readdir(join(cwd, 'runs', 'uploads')).catch(() => []);
}

describe.each(ledgerEngines)('a desk that is killed, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('during a run: the next start goes on, and nobody who was done is called again', async () => {
    const waiting = Promise.withResolvers<void>();
    const now = (): Date => {
      if (world.sandbox.calls().length >= 15) waiting.resolve();
      return new Date();
    };
    await using world = await createWorld({ engine, sandbox: { now }, job: JOB });
    await runProgram(['migrate'], world);
    const port = await findFreePort();
    const browser = createDeskBrowser(() => `http://127.0.0.1:${port}`);
    const first = await serveDesk(world, port);
    const { id } = await browser.upload({ name: 'list.csv', content: listOf(40) });
    await browser.until(id, 'planned');
    await browser.press(id, 'start');
    await waiting.promise;
    await kill(first);
    const second = await serveDesk(world, port);
    await browser.until(id, 'ended');
    const page = await browser.get(`/uploads/${id}`, { 'accept-language': 'en' });
    expect(page.text).toMatch(/Of 40 rows: 40 enrolled/);
    const calls = world.sandbox.calls().length;
    // Calls in flight when it died are asked for again: two at once, and as many whose answers were not written yet.
    expect(calls).toBeGreaterThanOrEqual(40);
    expect(calls).toBeLessThanOrEqual(44);
    await kill(second);
    const third = await serveDesk(world, port);
    expect((await browser.get(`/uploads/${id}`, { 'accept-language': 'en' })).text).toContain('Of 40 rows');
    expect(world.sandbox.calls()).toHaveLength(calls);
    third.kill('SIGTERM');
    await third.ended;
  });

  run('while a list is read: the next start reads it, and nobody was called', async () => {
    await using world = await createWorld({ engine, job: JOB });
    await runProgram(['migrate'], world);
    const port = await findFreePort();
    const browser = createDeskBrowser(() => `http://127.0.0.1:${port}`);
    const first = await serveDesk(world, port);
    // Reading so many takes far longer than the kill, which a look into the ledger proves.
    const id = await browser.handIn({ name: 'list.csv', content: listOf(60_000) });
    await kill(first);
    await withLedgerOf(world, async (ledger) => {
      expect(await ledger.query('select state, plan, planned_at from desk_upload')).toEqual([
        { state: 'received', plan: null, planned_at: null },
      ]);
    });
    const second = await serveDesk(world, port);
    await browser.until(id, 'planned');
    const page = await browser.get(`/uploads/${id}`, { 'accept-language': 'en' });
    expect(page.text).toContain('Start: call 60,000 members');
    expect(world.sandbox.calls()).toHaveLength(0);
    second.kill('SIGTERM');
    await second.ended;
    await withLedgerOf(world, async (ledger) => {
      // A list that is only planned leaves nothing of itself beside its plan.
      for (const table of ['run', 'list_row', 'enrollment'])
        expect(await ledger.query(`select 1 from ${table}`)).toEqual([]);
      expect(await ledger.query(`select what from audit_entry order by entry_no`)).toEqual([
        { what: 'uploaded' },
        { what: 'planned' },
      ]);
    });
  });

  run('while a file is given out: the access log has it, and it can be had again', async () => {
    await using world = await createWorld({ engine, job: JOB });
    await runProgram(['migrate'], world);
    const port = await findFreePort();
    const browser = createDeskBrowser(() => `http://127.0.0.1:${port}`);
    const first = await serveDesk(world, port);
    const { id } = await browser.upload({ name: 'list.csv', content: listOf(2) });
    await browser.until(id, 'planned');
    await browser.press(id, 'start');
    await browser.until(id, 'ended');
    const page = await browser.get(`/uploads/${id}`, { 'accept-language': 'en' });
    const [runId = ''] = /\d{8}T\d{6}Z-proof-[0-9a-f]{4}/.exec(page.text) ?? [];
    // As large as a result of a million rows, so that most of it is still to come when the sender dies.
    const large = Buffer.alloc(64 * 1024 * 1024, 'user_id,par\n');
    await writeFile(join(world.cwd, 'runs', runId, 'results.csv'), large);
    const taken = await browser.beginTaking(id, 'results.csv', 'correct November');
    expect(taken.status).toBe(200);
    await kill(first);
    await expect(taken.rest()).rejects.toThrow('terminated');
    const second = await serveDesk(world, port);
    const again = await browser.take(id, 'results.csv', 'the first time broke off');
    expect(again.bytes.equals(large)).toBe(true);
    second.kill('SIGTERM');
    await second.ended;
    expect(world.sandbox.calls()).toHaveLength(2);
    await withLedgerOf(world, async (ledger) => {
      const entries = await ledger.query<{ reason: string; detail: string }>(
        `select l.reason, a.detail from audit_entry a join access_log l on l.entry_no = a.access_no order by a.entry_no`,
      );
      expect(entries).toEqual([
        { reason: 'correct November', detail: 'results.csv: correct November' },
        { reason: 'the first time broke off', detail: 'results.csv: the first time broke off' },
      ]);
    });
  });

  run(
    'during an upload: nothing of it is an upload, and its bytes are gone after the next start',
    async () => {
      await using world = await createWorld({ engine, job: JOB });
      await runProgram(['migrate'], world);
      const port = await findFreePort();
      const browser = createDeskBrowser(() => `http://127.0.0.1:${port}`);
      const first = await serveDesk(world, port);
      const whole = await browser.upload({ name: 'whole.csv', content: listOf(2) });
      const sent = await browser.beginUpload('broken.csv', listOf(5_000));
      await vi.waitUntil(async () => (await uploadsIn(world)).length === 2);
      await kill(first);
      await sent.broken;
      const left = (await uploadsIn(world)).find((id) => id !== whole.id) ?? '';
      const old = new Date(Date.now() - 3_600_000);
      await utimes(join(world.cwd, 'runs', 'uploads', left), old, old);
      const second = await serveDesk(world, port);
      await vi.waitUntil(async () => (await uploadsIn(world)).length === 1);
      expect(await uploadsIn(world)).toEqual([whole.id]);
      expect((await browser.get('/')).text).not.toContain('broken.csv');
      second.kill('SIGTERM');
      await second.ended;
    },
  );
});
