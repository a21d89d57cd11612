import { describe, expect, test } from 'vitest';
import {
  decideAfterAsking,
  weighMembers,
  type AskStep,
  type MemberTask,
} from '../../src/dispatch/call/ask-member.ts';
import type { StopReason } from '../../src/dispatch/guards/stop-reason.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import type { PlansAnswer } from '../../src/konaplate/plans-inquiry.ts';
import { answered, noAnswer } from './dispatch-world.ts';

const rules = { attempts: 3, backoffMinMs: 100, backoffMaxMs: 60_000 };
const work: MemberTask = { memberNo: 1, userId: '1000000001' as UserId, asked: 0 };

describe('after an inquiry', () => {
  test.each<[string, PlansAnswer, number, AskStep]>([
    ['plans', { kind: 'plans', pars: ['Q'.repeat(27) as Par] }, 0, { kind: 'final', class: 'answered' }],
    ['no plans at all', { kind: 'plans', pars: [] }, 2, { kind: 'final', class: 'answered' }],
    ['a refusal is not asked again', { kind: 'refused' }, 0, { kind: 'final', class: 'unclear' }],
    [
      'no answer is asked again',
      { kind: 'unclear' },
      1,
      { kind: 'again', item: { ...work, asked: 2 }, delayMs: 200, pauseMs: 0 },
    ],
    ['as often as retry.attempts says', { kind: 'unclear' }, 2, { kind: 'final', class: 'unclear' }],
    [
      'a throttled one is free',
      { kind: 'throttled', class: 'transient', retryAfterMs: 5_000 },
      2,
      { kind: 'again', item: { ...work, asked: 2 }, delayMs: 5_000, pauseMs: 5_000 },
    ],
    [
      'credentials refused',
      { kind: 'stop_run', by: 'door', cause: 'credentials', sentence: 'No.' },
      0,
      { kind: 'stop_run', by: 'door', cause: 'credentials', sentence: 'No.' },
    ],
  ])('%s', (_what, answer, asked, step) => {
    expect(decideAfterAsking(answer, { ...work, asked }, rules, 1)).toEqual(step);
  });
});

describe('answers that are no plans', () => {
  /** Ends of members one after the other: `p` with plans, `u` without. */
  function weigh(ends: string, reply: Reply): readonly StopReason[] {
    const weighing = weighMembers();
    return ends.split('').flatMap((end) =>
      weighing.observe(work, {
        sent: {
          reply,
          pars: null,
          sentAt: null,
          bytesLeftMonotonic: null,
          latencyMs: 1,
          waitedOn: null,
          serverDate: null,
          echo: 'unasked',
          otherCorrelationId: null,
        },
        judged: { kind: 'refused' },
        step: { kind: 'final', class: end === 'p' ? 'answered' : 'unclear' },
        late: [],
      }),
    );
  }

  test('twenty members in a row end it, and the last answer is told', () => {
    expect(weigh('u'.repeat(19), answered(400, '000_002'))).toEqual([]);
    expect(weigh(`pp${'u'.repeat(20)}`, answered(400, '000_002'))).toEqual([
      {
        kind: 'provider',
        cause: 'wrong_setup',
        sentence:
          '20 members in a row were asked for and the provider has given no list of plans for any (last: HTTP 400, code 000_002)',
      },
    ]);
    expect(weigh('u'.repeat(20), noAnswer)).toMatchObject([
      { sentence: expect.stringContaining('(last: ECONNRESET: reset)') as string },
    ]);
  });

  test('one with plans between them begins them anew', () => {
    expect(weigh(`${'u'.repeat(19)}p${'u'.repeat(19)}`, answered(400, '000_002'))).toEqual([]);
  });
});
