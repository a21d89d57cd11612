import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { readOverview } from '../../src/cli/views/status-overview.ts';
import { readRunStatus } from '../../src/cli/views/status-run.ts';
import { observeBreaks } from '../support/observed-breaks.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { readWork } from '../../src/ledger/proofs/row-groups.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { noteProofs } from '../../src/ledger/proofs/stored-proofs.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { tellEnd } from '../../src/report/texts/cause-texts.ts';
import { openReportWorld, par, runId, type PlantedRow } from '../report/report-world.ts';
import { ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';

const rows: readonly PlantedRow[] = [
  { cells: ['1', par(1)], class: 'enrolled', attempts: 1 },
  { cells: ['2', par(2)], class: 'action_required', attempts: 1, nights: 1 },
  { cells: ['3', par(3)], class: 'action_required', attempts: 1, nights: 3 },
  { cells: ['4', par(4)], class: 'conflict', attempts: 1 },
  { cells: ['5', par(5)], class: 'conflict', attempts: 1 },
  { cells: ['6x', par(6)], class: 'rejected' },
];

const difference = {
  comparedWith: { runId: 'r', night: '2026-11-21' },
  added: 4,
  gone: 3,
  parChanged: 2,
  newlyFailing: 1,
  cured: 5,
  stillFailing: [{ nights: 6, records: 7 }],
  failing: null,
};

/** A run that ended at 01:05 in Seoul with five calls; row 5 was settled by a person. */
async function openWorld(engine: LedgerEngine, { proved = true } = {}) {
  const world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
  const { ledger, runNo } = world;
  await ledger.query('update list_row set resolution_no = 1 where row_no = 5');
  await ledger.query(`update run set state = 'complete' where run_no = $1`, [runNo]);
  await plantCallsOfRows(ledger, runNo);
  if (proved) {
    await noteProofs(ledger, runNo, {
      totals: [
        { name: 'attempts', class: null, expected: 5, found: 5 },
        { name: 'attempts', class: 'conflict', expected: 2, found: 2 },
      ],
      work: await readWork(ledger, runNo, 3),
      difference,
    });
  }
  return world;
}

/** A record and an attempt for each called row, as recordCalls leaves them. */
async function plantCallsOfRows(ledger: Ledger, runNo: number): Promise<void> {
  await ledger.query(
    `insert into enrollment (provider, user_id, par, status, first_success_at, first_success_run_no)
     select 'provider-a', user_id, par, class, case when class = 'enrolled' then last_attempt_at end,
            case when class = 'enrolled' then run_no end
     from list_row where run_no = $1 and attempts > 0 order by row_no`,
    [runNo],
  );
  await ledger.query(
    `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, latency_ms, reply_kind, outcome)
     select l.run_no, l.row_no, e.record_no, '2026-11-22', l.correlation_id, l.last_attempt_at, 5, 'answered', l.class
     from list_row l join enrollment e on e.par = l.par where l.run_no = $1 order by l.row_no`,
    [runNo],
  );
}

async function plantLaterRun(ledger: Ledger, timeZone: string): Promise<void> {
  await createRun(ledger, {
    id: 'later',
    job: 'nightly',
    provider: 'provider-a',
    kind: 'list',
    night: '2026-11-23',
    listName: 'members.csv',
    content: 'c',
    again: false,
    settings: { timeZone },
    startedAt: new Date('2026-11-23T16:00:00Z'),
  });
}

async function plantReconciliation(ledger: Ledger, state: 'complete' | 'stopped'): Promise<void> {
  await ledger.query(
    `insert into reconciliation (id, job, provider, sample, state, settings, members, answered, unclear, exit_code,
                                 exit_reason, started_at, finished_at)
     values ($1, 'reconcile-nightly', 'provider-a', 7, $1, '{"timeZone":"Asia/Seoul"}', 7, 5, 2, 4, 'complete; 2 unclear',
             '2026-11-23T17:00:00Z', '2026-11-23T17:10:00Z')`,
    [state],
  );
}

async function plantBreaks(ledger: Ledger): Promise<void> {
  const moment = { at: new Date('2026-11-23T17:10:00Z'), night: '2026-11-23' };
  const findings = [1, 2, 3].map((n) => ({
    kind: 'missing_at_provider' as const,
    userId: String(n),
    par: par(n),
    otherUserId: null,
    otherPar: null,
    details: null,
  }));
  await observeBreaks(ledger, { provider: 'provider-a', job: null }, findings, moment);
  await ledger.query(
    `update break set state = 'explained', explained_at = first_seen_at, explained_by = 'kim', note = 'n' where user_id = '1'`,
  );
}

describe.each(ledgerEngines)('status ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('lists the last runs with their times, and who must act on how many rows, settled ones left out', async () => {
    await using world = await openWorld(engine);
    const { text, document } = await readOverview(world.ledger, 'kona-enroll');
    expect(text.split('\n')).toEqual([
      'Last runs, times in Asia/Seoul:',
      runId,
      '  complete, exit 3 not_enrolled · 2026-11-23 01:00 to 01:05',
      '  6 rows of members.csv · provider-a',
      '  must act: customer (1 row), list owner (1 row), operations (2 rows)',
      '',
    ]);
    expect(document).toMatchObject({
      runs: [
        { runId, timeZone: 'Asia/Seoul', needs: { customer: 1, list_owner: 1, operations: 2, developer: 0 } },
      ],
      reconciliations: [],
      openBreaks: {},
    });
  });

  it('says who must act on how a run ended, and what to mend first, in the words of its report', async () => {
    await using world = await openWorld(engine);
    await world.ledger.query(
      `update run set state = 'stopped', exit_code = 7, exit_cause = 'wrong_setup', exit_reason = 'certificate expired'`,
    );
    await plantReconciliation(world.ledger, 'stopped');
    await world.ledger.query(`update reconciliation set exit_code = 7, exit_cause = 'credentials'`);
    const { text, document } = await readOverview(world.ledger, 'kona-enroll');
    expect(text).toContain(
      [
        '  stopped, exit 7 wrong_setup · 2026-11-23 01:00 to 01:05',
        '  6 rows of members.csv · provider-a',
        '  must act: customer (1 row), list owner (1 row), operations (2 rows) and',
        '  because of how it ended',
      ].join('\n'),
    );
    const sentence = tellEnd({ state: 'stopped', exitCause: 'wrong_setup' }, 'en') ?? '';
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`how it ended ${sentence} `);
    expect(text).toContain('must act: operations because of how it ended\n');
    expect(document).toMatchObject({
      runs: [{ exitCause: 'wrong_setup', actorOfEnd: 'operations' }],
      reconciliations: [{ exitCause: 'credentials', actorOfEnd: 'operations' }],
    });
    const where = { place: { cwd: world.folder, flag: null }, host: 'here', program: 'k', live: [] };
    const one = await readRunStatus(world.ledger, runId, where);
    expect(one.text.replaceAll(/\s+/g, ' ')).toContain(` operations must act. ${sentence} `);
    expect(one.document).toMatchObject({ actorOfEnd: 'operations' });
  });

  it('says of each time its zone where they differ, and counts nothing of a run without an end', async () => {
    await using world = await openWorld(engine);
    await plantLaterRun(world.ledger, 'Europe/Berlin');
    const { text, document } = await readOverview(world.ledger, 'kona-enroll');
    expect(text).toContain(
      'Last runs:\nlater\n  staging · began 2026-11-23 17:00 Europe/Berlin · members.csv · provider-a\n',
    );
    expect(text).toContain('2026-11-23 01:00 to 01:05 Asia/Seoul');
    expect(document).toMatchObject({ runs: [{ runId: 'later', needs: null, finishedAt: null }, { runId }] });
  });

  it('fits 80 columns whatever the names are, and loses nothing of an id or a name', async () => {
    await using world = await openWorld(engine);
    await plantReconciliation(world.ledger, 'stopped');
    await plantBreaks(world.ledger);
    const job = 'j'.repeat(64);
    const longest = `20261122T160000Z-${job}-0a1b`;
    const list = `${'\u3131\u1100\u1161\u11a8정기결제 '.repeat(30)}명단.csv`.normalize('NFC');
    await world.ledger.query(
      `update run set id = $1, job = $2, list_name = $3, provider = $4, state = 'dispatching'`,
      [longest, job, list, `제공자${'p'.repeat(90)}`],
    );
    await world.ledger.query('update reconciliation set id = $1, provider = $2', [
      `20261122T160000Z-reconcile-${'k'.repeat(54)}-0a1b`,
      '가'.repeat(50),
    ]);
    const { text } = await readOverview(world.ledger, 'npm run -s kona-enroll --');
    // An id alone may be wider: it is there to be copied.
    const lines = text.split('\n').filter((line) => !/^\d{8}T\d{6}Z-\S{60,}$/.test(line));
    const widths = lines.map((line) => stringWidth(line));
    expect(text).toContain(`\n${longest}\n`);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    const solid = text.replaceAll(/\s/g, '');
    for (const whole of [longest, list, '가'.repeat(50)]) expect(solid).toContain(whole.replaceAll(' ', ''));
    expect(solid).toContain('itsprocesshasdied');
  });

  it('lists when members were asked for at the provider, and how many breaks are open', async () => {
    await using world = await openWorld(engine);
    await plantReconciliation(world.ledger, 'stopped');
    await plantReconciliation(world.ledger, 'complete');
    await plantBreaks(world.ledger);
    const { text, document } = await readOverview(world.ledger, 'kona-enroll');
    expect(text).toContain(
      [
        '\nMembers asked for at the provider, times in Asia/Seoul:',
        'complete',
        '  complete, exit 4 · 2026-11-24 02:00 to 02:10 · 7 members · 5 answered',
        '  2 unclear · provider-a',
        'stopped',
        '  stopped, exit 4 · ',
      ].join('\n'),
    );
    expect(text).toContain('\nOpen breaks: 2 (missing_at_provider 2); kona-enroll reconcile lists them\n');
    expect(document).toMatchObject({
      reconciliations: [
        { reconciliationId: 'complete', sample: 7, members: 7, answered: 5, unclear: 2, exitCode: 4 },
        { reconciliationId: 'stopped' },
      ],
      openBreaks: { missing_at_provider: 2 },
    });
  });

  it('RUN: classes with who must act, totals, difference from last night, calls and the folder', async () => {
    await using world = await openWorld(engine);
    const { ledger, folder } = world;
    const where = { place: { cwd: folder, flag: null }, host: 'here', program: 'kona-enroll', live: [] };
    expect(await readRunStatus(ledger, runId, where)).toMatchObject({
      exitCode: 0,
      document: { folder: null },
    });
    await writeRunFolder(world.options);
    const { text, document, exitCode } = await readRunStatus(ledger, runId, where);
    expect(exitCode).toBe(0);
    expect(text.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      [`Run ${runId}: complete`],
      ['Exit 3: complete; some rows not enrolled'],
      ['List members.csv, 6 rows, provider provider-a'],
      ['Began 2026-11-23 01:00, ended 2026-11-23 01:05 (Asia/Seoul)'],
      ['class', 'rows', 'who must act'],
      ['enrolled', '1', 'nobody'],
      ['action_required', '1', 'customer'],
      ['action_required', '1', 'operations, its nights are used up'],
      ['conflict', '1', 'operations'],
      ['conflict', '1', 'nobody, settled by a person'],
      ['rejected', '1', 'list owner'],
      ['Totals agree'],
      ['Since 21 Nov: 4 new, 3 gone, 2 with another PAR, 1 newly failing, 5 cured, 7'],
      ['still failing (the longest 6 nights); row by row in difference.csv'],
      ['Calls: 5'],
      [`Run folder: ${join(folder, 'runs', runId)}`],
      [''],
    ]);
    expect(document).toMatchObject({
      classes: { enrolled: 1, action_required: 2, conflict: 2, rejected: 1, transient: 0 },
      resolved: 1,
      calls: 5,
      proof: { exitCode: 0, exitCause: 'done', broken: [], said: [], folder: [] },
      difference: { cured: 5 },
      folder: join(folder, 'runs', runId),
    });
  });

  it('RUN says of calls marked before a kill that they may not have left', async () => {
    await using world = await openWorld(engine);
    await world.ledger.query(`update attempt set reply_kind = 'lost' where row_no = 4`);
    const place = { cwd: world.folder, flag: null };
    const where = { place, host: 'here', program: 'kona-enroll', live: [] };
    const { text, document } = await readRunStatus(world.ledger, runId, where);
    expect(text).toContain('\nCalls: at most 5 (1 may not have left before a process died)\n');
    expect(document).toMatchObject({ calls: 5, lostCalls: 1 });
  });

  it('RUN names the totals that do not agree now, and says what was not kept', async () => {
    await using world = await openWorld(engine);
    const where = {
      place: { cwd: world.folder, flag: null },
      host: 'here',
      program: 'kona-enroll',
      live: [],
    };
    await world.ledger.query('delete from attempt where row_no = 4');
    const broken = await readRunStatus(world.ledger, runId, where);
    expect(broken.exitCode).toBe(9);
    expect(broken.text).toContain('\nBROKEN TOTALS:\n  conflict: 2 calls on the rows, 1 calls recorded\n');
    expect(broken.text).toContain('\nSince ');
    await using other = await openWorld(engine, { proved: false });
    await other.ledger.query('update run set program_version = null');
    const elsewhere = { ...where, place: { cwd: other.folder, flag: null } };
    const { text, document, exitCode } = await readRunStatus(other.ledger, runId, elsewhere);
    expect(exitCode).toBe(0);
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(
      /list owner Totals agree Calls: 5 Not proved, but not a fault: .* kept no totals/,
    );
    expect(document).toMatchObject({ difference: null, needs: null });
  });
});
