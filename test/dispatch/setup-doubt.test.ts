import { describe, expect, test } from 'vitest';
import { Canary } from '../../src/dispatch/guards/canary.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import {
  answered,
  claimedRecords,
  createDispatchWorld,
  enrolled,
  noAnswer,
  type DispatchWorldOptions,
} from './dispatch-world.ts';

const invalid = answered(400, '000_002');
const unknown = answered(400, '999_999');
const refused = answered(403, null);

/** Runs records 1 to n, each of which gets the answer of its place; beyond the list the last one's. */
async function runWith(
  answers: readonly Reply[],
  options: Partial<DispatchWorldOptions> & { readonly count?: number } = {},
) {
  const world = createDispatchWorld({
    records: claimedRecords(options.count ?? answers.length),
    concurrency: 1,
    answer: (recordNo) => answers[Math.min(Number(recordNo), answers.length) - 1] ?? enrolled,
    ...options,
  });
  const reason = await world.runThroughTime();
  return { world, reason, final: world.progress.at(-1)?.final };
}

function repeated(count: number, reply: Reply): Reply[] {
  return Array.from({ length: count }, () => reply);
}

const wrongSetup = {
  kind: 'provider',
  cause: 'wrong_setup',
  sentence: expect.stringMatching(
    /^the provider refuses every call: key id, keys, header or address, or every row really is wrong \(.+--yes/,
  ) as unknown,
};

describe('000_002 without a proof of our set-up', () => {
  test('waits: it is recorded as held and not called again; the first proof makes bad_data of all that wait', async () => {
    const { world, reason, final } = await runWith([...repeated(19, invalid), enrolled, invalid]);
    expect(reason).toBeNull();
    expect(world.recorded.map((call) => call.outcome)).toEqual([
      ...repeated(19, invalid).map(() => 'held'),
      'enrolled',
      'bad_data',
    ]);
    expect(world.recorded.slice(0, 19).every((call) => !call.settled)).toBe(true);
    expect(world.count('send')).toBe(21);
    expect(world.count('prove')).toBe(19);
    expect(final).toEqual({ bad_data: 20, enrolled: 1 });
  });

  test.each([
    ['000_000', answered(200, '000_000')],
    ['001_003', answered(400, '001_003')],
    ['007_031', answered(400, '007_031')],
    ['an undocumented 007_xxx', answered(400, '007_099')],
  ])('%s proves it', async (_, proof) => {
    const { world, reason } = await runWith([invalid, invalid, proof]);
    expect(reason).toBeNull();
    expect(world.count('prove')).toBe(2);
  });

  test('20 such answers stop the run, and no further call begins', async () => {
    const { world, reason, final } = await runWith([invalid], { count: 100 });
    expect(reason).toEqual(wrongSetup);
    expect(world.count('send')).toBe(20);
    expect(final).toEqual({});
  });

  test('with many calls at once those under way are heard first: a proof among them saves the run', async () => {
    let sent = 0;
    const world = createDispatchWorld({
      records: claimedRecords(60),
      concurrency: 16,
      answer: async () => {
        const nth = (sent += 1);
        // The 24th leaves before the 20th refusal is here, and is answered after it.
        if (nth === 24) for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        return nth < 24 ? invalid : enrolled;
      },
    });
    expect(await world.runThroughTime()).toBeNull();
    expect(world.progress.at(-1)?.final).toEqual({ bad_data: 23, enrolled: 37 });
  });

  test('with many calls at once it stops after those under way', async () => {
    const { world, reason } = await runWith([invalid], { count: 100, concurrency: 16 });
    expect(reason).toEqual(wrongSetup);
    expect(world.count('send')).toBeGreaterThanOrEqual(20);
    expect(world.count('send')).toBeLessThan(20 + 16);
  });

  test.each([
    ['all the calls there were to make', repeated(3, invalid)],
    ['a mix with unknown codes', [invalid, unknown, unknown]],
  ])('%s: stops at the end', async (_, answers) => {
    expect((await runWith(answers)).reason).toEqual(wrongSetup);
  });

  test('silence, 5xx and 429 count for neither side', async () => {
    const silent = await runWith([invalid, noAnswer, answered(500, null)], { attempts: 1 });
    expect(silent.reason).toEqual(wrongSetup);
    const proved = await runWith([invalid, noAnswer, enrolled], { attempts: 1 });
    expect(proved.reason).toBeNull();
    expect(proved.final).toEqual({ bad_data: 1, ambiguous: 1, enrolled: 1 });
  });

  test('where it was proved before, or a person vouches for it, it is believed at once', async () => {
    for (const option of [{ isProvedBefore: true }, { isVouched: true }]) {
      const { world, reason, final } = await runWith(repeated(3, invalid), option);
      expect(reason).toBeNull();
      expect(world.recorded.map((call) => [call.outcome, call.settled])).toEqual(
        repeated(3, invalid).map(() => ['bad_data', true]),
      );
      expect(final).toEqual({ bad_data: 3 });
    }
  });

  test('a person who stops the run is told so, whatever waits', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(5),
      concurrency: 1,
      answer: (recordNo) => {
        if (recordNo === '3') world.stop.abort();
        return invalid;
      },
    });
    expect(await world.runThroughTime()).toEqual({ kind: 'asked' });
  });
});

describe('the canary', () => {
  /** The canary is the first ten of twenty records; the others come once it has passed. */
  async function runCanary(answers: readonly Reply[], count = 20) {
    const canary = new Canary(10);
    canary.add(claimedRecords(10).map((record) => record.recordNo));
    const ended = await runWith(answers, { canary, count, claimSize: 10 });
    return { ...ended, canary };
  }

  test('does not judge what is held: the run stops as wrong_setup, and it has not passed', async () => {
    const { reason, canary, world } = await runCanary(repeated(10, invalid));
    expect(reason).toEqual(wrongSetup);
    expect(canary.result.kind).toBe('open');
    expect(world.count('send')).toBe(10);
  });

  test('nor a mix with unknown codes', async () => {
    const { reason, canary } = await runCanary([...repeated(6, invalid), ...repeated(4, unknown)]);
    expect(reason).toEqual(wrongSetup);
    expect(canary.result.kind).toBe('open');
  });

  test('what a proof makes bad_data counts from then on', async () => {
    const { reason, canary } = await runCanary([...repeated(9, invalid), enrolled]);
    expect(canary.result.kind).toBe('tripped');
    expect(reason).toMatchObject({ kind: 'limit' });
  });

  test('fewer than half: it passes, and the rest is called', async () => {
    const { reason, canary, world } = await runCanary([
      ...repeated(4, invalid),
      ...repeated(6, unknown),
      enrolled,
    ]);
    expect(canary.result.kind).toBe('tripped');
    expect(reason).toMatchObject({ kind: 'provider' });
    const good = await runCanary([...repeated(4, invalid), enrolled]);
    expect([good.canary.result.kind, good.reason, good.world.count('send')]).toEqual(['passed', null, 20]);
    expect(world.count('send')).toBe(10);
  });
});

describe('one record refused at the door', () => {
  test('without a proof the first stops the run', async () => {
    const { world, reason } = await runWith([refused, enrolled]);
    expect(reason).toMatchObject({ kind: 'provider', cause: 'credentials' });
    expect(JSON.stringify(reason)).toContain('HTTP 403');
    expect(world.count('send')).toBe(1);
  });

  test.each([401, 403, 404, 405, 413, 302])(
    'HTTP %i: it waits, is tried once more when the others are through, and is parked',
    async (status) => {
      const { world, reason, final } = await runWith([
        enrolled,
        answered(status, null),
        ...repeated(5, enrolled),
      ]);
      expect(reason).toBeNull();
      expect(world.happenings.filter((one) => one.startsWith('send'))).toEqual(
        ['1', '2', '3', '4', '5', '6', '7', '2'].map((recordNo) => `send ${recordNo}`),
      );
      expect(final).toEqual({ enrolled: 6, unknown_code: 1 });
      expect(world.recorded.filter((call) => call.recordNo === '2')).toMatchObject([
        { outcome: 'stop_run', settled: false },
        {
          outcome: 'unknown_code',
          settled: true,
          finding: `refused before the provider: HTTP ${status}`,
          reply: { code: null },
        },
      ]);
    },
  );

  test('answered the second time it is as any other', async () => {
    const { reason, final } = await runWith([], {
      count: 3,
      answer: (recordNo, nth) => (recordNo === '2' && nth === 1 ? refused : enrolled),
    });
    expect([reason, final]).toEqual([null, { enrolled: 3 }]);
  });

  test('three in a row, of different records, stop the run; with answers between them they don’t', async () => {
    const row = await runWith([enrolled, refused, refused, refused, enrolled]);
    expect(row.reason).toMatchObject({ kind: 'provider' });
    expect(row.world.count('send')).toBe(4);
    const spread = await runWith([
      enrolled,
      refused,
      enrolled,
      refused,
      enrolled,
      refused,
      enrolled,
      refused,
    ]);
    expect(spread.reason).toBeNull();
    expect(spread.final).toEqual({ enrolled: 4, unknown_code: 4 });
  });

  test('silence between them does not end the row', async () => {
    const { reason } = await runWith([enrolled, refused, noAnswer, refused, refused], { attempts: 1 });
    expect(reason).toMatchObject({ kind: 'provider', cause: 'credentials' });
    expect(JSON.stringify(reason)).toContain('HTTP 403');
  });

  test('it is no silence of the provider', async () => {
    const answers = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? enrolled : refused));
    const { reason, final } = await runWith(answers);
    expect([reason, final]).toEqual([null, { enrolled: 30, unknown_code: 30 }]);
  });

  test('refused in an earlier run already, it is parked at once where others were answered', async () => {
    const records = [...claimedRecords(2), ...claimedRecords(3, { wasRefused: true }).slice(2)];
    const { reason, final, world } = await runWith([enrolled, enrolled, refused], { records });
    expect([reason, final]).toEqual([null, { enrolled: 2, unknown_code: 1 }]);
    expect(world.count('send 3')).toBe(1);
  });

  test('refused again while nobody was answered it stops the run', async () => {
    const { reason, world } = await runWith([refused], { isProvedBefore: true });
    expect(reason).toMatchObject({ kind: 'provider' });
    expect(world.count('send')).toBe(2);
  });

  test('in the canary it does not hold up the rest', async () => {
    const canary = new Canary(10);
    canary.add(claimedRecords(10).map((record) => record.recordNo));
    const answers = [enrolled, refused, ...repeated(18, enrolled)];
    const { reason, final } = await runWith(answers, { canary, claimSize: 10 });
    expect([canary.result.kind, reason, final]).toEqual(['passed', null, { enrolled: 19, unknown_code: 1 }]);
  });
});
