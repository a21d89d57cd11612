import type { RowClass } from '../src/domain/class.ts';
import type { Recipe } from './legacy-user-rows.ts';

/**
 * What the sample list shows, but for duplicates and the disputed PAR, which need two rows. Every fault passes
 * within five attempts of a client. Few enough cards fail that a guard at 5 % stays silent.
 */
export const recipes: readonly Recipe[] = [
  enrolled(260),
  { ...enrolled(1), userId: '9999999999999999999' },
  { ...enrolled(1), userId: '1' },
  // The same JavaScript number, two members.
  { ...enrolled(1), userId: '9007199254740992' },
  { ...enrolled(1), userId: '9007199254740993' },
  { ...enrolled(1), name: '김가람, 대표' },
  { ...enrolled(1), name: '이나래\n(개명 전 이초롱)' },
  { ...enrolled(1), name: '박다솜\n퇴사, "재입사"\n2023' },
  { ...enrolled(1), name: '정"새벽"' },

  faulty(2, 'enrolled', ['429']),
  faulty(2, 'enrolled', ['500 before']),
  faulty(2, 'enrolled', ['reset before']),
  faulty(2, 'enrolled', ['slow 300ms']),
  faulty(1, 'enrolled', ['503 before', '429']),
  faulty(2, 'recovered', ['500 after']),
  faulty(2, 'recovered', ['reset after']),
  faulty(2, 'recovered', ['truncated after']),
  faulty(1, 'recovered', ['500 before', 'reset after']),

  {
    count: 14,
    end: 'already_active',
    code: '007_017',
    card: { kind: 'registered', to: 'this user' },
  },
  { count: 3, end: 'conflict', code: '007_012', card: { kind: 'registered', to: 'another user' } },
  ofMember(5, '007_015', 'openBankingTerms: not-accepted'),
  ofCard(5, 'action_required', '007_016', 'status: inactive'),
  ofMember(4, '007_027', 'firmBankingTerms: not-accepted'),
  ofMember(6, '007_031', 'account: none'),
  ofCard(3, 'bad_data', '001_003', 'status: unknown'),
  ofCard(3, 'bad_data', '000_002', 'input: invalid'),
  { count: 2, end: 'unknown_code', code: '009_999', card: { kind: 'answer', code: '009_999' } },

  { ...rejected(), userId: 'M0012345' },
  { ...rejected(), userId: '1234-5678' },
  { ...rejected(), userId: '0' },
  { ...rejected(), userId: '12345678901234567890' },
  { ...rejected(), userId: '' },
  { ...rejected(), par: 'Q1SHORTBYONECHARACTER00000' },
  { ...rejected(), par: 'q1lowercaseispartofnopar000' },
  { ...rejected(), par: '' },
  { ...rejected(), shape: 'short' },
  { ...rejected(), shape: 'long' },
];

function enrolled(count: number): Recipe {
  return { count, end: 'enrolled', code: '000_000', card: null };
}

function faulty(count: number, end: 'enrolled' | 'recovered', faults: readonly string[]): Recipe {
  return { count, end, code: end === 'enrolled' ? '000_000' : '007_017', card: { kind: 'faults', faults } };
}

function ofMember(count: number, code: string, text: string): Recipe {
  return { count, end: 'action_required', code, card: { kind: 'condition', of: 'member', text } };
}

function ofCard(count: number, end: RowClass, code: string, text: string): Recipe {
  return { count, end, code, card: { kind: 'condition', of: 'card', text } };
}

function rejected(): Recipe {
  return { count: 1, end: 'rejected', code: null, card: null };
}
