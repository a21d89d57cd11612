import { describe, expect, test } from 'vitest';
import { appendAudit } from '../../src/ledger/desk/audit-trail.ts';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

const uploadId = '0b0e7a52-54c5-4a4e-9d0c-6d2f0a1b2c3d';
const DAY_MS = 86_400_000;

async function say(world: EnrolmentWorld, ...argv: readonly string[]): Promise<ProgramEnd> {
  return await runProgram(argv, { cwd: world.cwd, env: world.env });
}

async function tamper(world: EnrolmentWorld, sql: string): Promise<void> {
  await withLedgerOf(world, async (ledger) => {
    await ledger.query('alter table audit_entry disable trigger user');
    await ledger.query(sql);
    await ledger.query('alter table audit_entry enable trigger user');
  });
}

/** What doctor says of the trail: level and words. */
async function trailFinding(world: EnrolmentWorld): Promise<readonly string[] | null> {
  const { stdout } = await say(world, 'doctor');
  return /(ok|fail) +audit trail +(.*)$/m.exec(stdout)?.slice(1) ?? null;
}

describe.each(ledgerEngines)('the audit trail on the command line ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('access-log --trail shows it newest first and proves it; a broken chain is exit 9, and told by doctor', async () => {
    await using world = await createWorld({ engine });
    expect((await say(world, 'access-log', '--trail')).stdout).toBe(
      'The audit trail has no such entry.\nNothing was done at the desk yet.\n',
    );
    const at = new Date('2026-11-30T09:00:00Z');
    await withLedgerOf(world, async (ledger) => {
      await appendAudit(ledger, { at, who: 'kim@corp.example', what: 'uploaded', uploadId });
      await appendAudit(ledger, {
        at,
        who: 'lee@corp.example',
        what: 'refused',
        uploadId,
        detail: 'old list',
      });
    });
    const told = await say(world, 'access-log', '--trail');
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
    expect(told.stdout).toMatch(
      /2 +2026-11-30 18:00:00 +lee@corp\.example +refused +0b0e7a52-[-0-9a-f]+ +old list\n.*kim@corp\.example/,
    );
    expect(told.stdout).toMatch(
      /^The chain of all 2 entries is whole; its last hash is [0-9a-f]{64}, of entry 2$/m,
    );
    const one = JSON.parse((await say(world, 'access-log', '--trail', '--json', '--limit', '1')).stdout) as {
      entries: readonly { readonly hash: string }[];
    };
    expect(one).toMatchObject({
      chain: { kind: 'whole', entries: 2, lastNo: '2', lastHash: one.entries[0]?.hash },
      entries: [
        { entry: '2', at: at.toISOString(), who: 'lee@corp.example', what: 'refused', upload: uploadId },
      ],
      isMore: true,
    });
    expect(await trailFinding(world)).toEqual(['ok', '2 entries, and the chain is whole']);
    // An embedded ledger that a process has open is left alone.
    const held = await withLedgerOf(world, async () => await trailFinding(world));
    expect(held?.[0]).toBe('ok');
    expect(held?.[1]).toMatch(
      engine.name === 'embedded' ? /^not looked at: process \d+ has/ : /chain is whole$/,
    );

    await tamper(world, `update audit_entry set detail = 'none' where entry_no = 2`);
    const broken = await say(world, 'access-log', '--trail');
    expect(broken.exitCode).toBe(9);
    expect(broken.stdout).toContain('BROKEN CHAIN: entry 2 is not what was written');
    const document = await say(world, 'access-log', '--trail', '--json');
    expect(document.exitCode).toBe(9);
    expect(JSON.parse(document.stdout)).toMatchObject({
      chain: { kind: 'broken', entryNo: '2', why: 'changed' },
    });
    const found = await trailFinding(world);
    expect(found?.[0]).toBe('fail');
    expect(found?.[1]).toContain('entry 2 is not what was written');
  });

  it('purge takes entries older than two years, says so first, and the chain stays whole', async () => {
    await using world = await createWorld({ engine });
    await withLedgerOf(world, async (ledger) => {
      for (const days of [800, 740, 700])
        await appendAudit(ledger, {
          at: new Date(Date.now() - days * DAY_MS),
          who: 'kim',
          what: 'signed_in',
        });
    });
    const looked = await say(world, 'purge', '--older-than', '1d', '--dry-run');
    expect(looked.stdout).toMatch(/audit_entry: entries of the desk older than two years +2\n/);
    const purged = await say(world, 'purge', '--older-than', '1d', '--yes', '--json');
    expect(JSON.parse(purged.stdout)).toMatchObject({ done: { auditEntries: 2 } });
    const left = await say(world, 'access-log', '--trail', '--json');
    expect(JSON.parse(left.stdout)).toMatchObject({
      chain: { kind: 'whole', entries: 2 },
      entries: [
        { entry: '4', what: 'purged' },
        { entry: '3', what: 'signed_in' },
      ],
    });
  });
});
