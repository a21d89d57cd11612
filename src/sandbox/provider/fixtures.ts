import { z } from 'zod';
import { cardConditions, findIll, memberConditions, type Conditions } from './conditions.ts';
import { faultGrammar, isPageStatus, parseFault, type Fault } from '../faults/fault.ts';
import { readTranTime } from './request-times.ts';
import { readYaml } from '../yaml-file.ts';

/** One card's condition and script. `user` null: for any member with this card. */
export interface CardFixture {
  readonly par: string;
  readonly user: string | null;
  /** The code that calls for this card get instead of a registration, until the fixtures are changed. */
  readonly answer: string | null;
  /** Replaces the page's message for the code in the answer; null: the page's message. */
  readonly message: string | null;
  /** A page with which a firewall answers every call of this card, so that none is processed; or null. */
  readonly door: Fault | null;
  /** Faults in this order, one per call; after that the card behaves normally. */
  readonly faults: readonly Fault[];
}

export interface MemberFixture {
  readonly user: string;
  /** The code for the member's cards where the card itself has no problem. */
  readonly answer: string | null;
  /** Nobody knows the member; a plans call is answered that way too. */
  readonly isUnknown: boolean;
  /** Faults in this order, one per plans call of this member. */
  readonly inquiryFaults: readonly Fault[];
}

export interface RegisteredFixture {
  readonly user: string;
  readonly par: string;
  readonly registeredAt: Date;
}

/** What the platform refuses about the client's whole set-up. */
export interface SetUpFixture {
  /** Every call is answered 000_002, whatever it asks for. */
  readonly refused: boolean;
  /** The header or field that the message names; null: none. */
  readonly field: string | null;
}

/** What the simulated provider knows before the first call. */
export interface Fixtures {
  readonly setUp: SetUpFixture;
  readonly registered: readonly RegisteredFixture[];
  readonly members: readonly MemberFixture[];
  readonly cards: readonly CardFixture[];
}

const acceptedSetUp: SetUpFixture = { refused: false, field: null };

export const emptyFixtures: Fixtures = { setUp: acceptedSetUp, registered: [], members: [], cards: [] };

/** The time of registrations whose time the fixtures do not give. */
export const registeredLongAgo = new Date('2020-01-01T00:00:00+09:00');

/** Key of a card. It is looked up for its member first, then for any member. */
export function cardKey(par: string, user: string | null): string {
  return `${par}/${user ?? '*'}`;
}

const par = z
  .string({ error: 'expected the PAR in quotes' })
  .regex(/^[A-Z0-9]{27}$/, { error: 'expected 27 characters of A-Z and 0-9' });
const user = z
  .string({ error: 'expected the user id in quotes; a bare number would lose digits' })
  .regex(/^[1-9][0-9]{0,18}$/, { error: 'expected 1 to 19 digits without a leading zero' });
const since = z.string({ error: 'expected a time in quotes' }).transform((text, context) => {
  const instant = readTranTime(text, 'KST');
  if (instant !== null) return new Date(instant);
  context.addIssue({ code: 'custom', message: 'expected a time as yyyyMMddHHmmss, in KST' });
  return z.NEVER;
});
const answer = z
  .string({ error: 'expected a code in quotes, such as "007_015"' })
  .refine((text) => /^[0-9]{3}_[0-9]{3}$/.test(text) || isPageStatus(text), {
    error: 'expected a code such as "007_015", or the status of a page such as "403"',
  })
  .refine((code) => code !== '000_000', {
    error: 'a card without a condition is answered 000_000 by itself',
  });
const fault = z.string({ error: `expected one of ${faultGrammar}` }).transform((text, context) => {
  const read = parseFault(text);
  if (read !== null) return read;
  context.addIssue({ code: 'custom', message: `expected one of ${faultGrammar}` });
  return z.NEVER;
});

function wordOf(conditions: Conditions, key: string) {
  const words = Object.keys(conditions[key] ?? {});
  return z.enum(words, { error: `expected ${words.join(' or ')}` }).optional();
}

/** Requires at least one key in addition to those that name whom the entry is about. */
function saysMoreThan(given: object, keys: readonly string[]): boolean {
  return Object.keys(given).some((key) => !keys.includes(key));
}

const card = z
  .strictObject({
    par,
    user: user.optional(),
    input: wordOf(cardConditions, 'input'),
    status: wordOf(cardConditions, 'status'),
    plan: wordOf(cardConditions, 'plan'),
    answer: answer.optional(),
    message: z.string().min(1).optional(),
    faults: z.array(fault).optional(),
  })
  .refine((given) => saysMoreThan(given, ['par', 'user', 'message']), {
    error: 'expected input, status, plan, answer or faults',
  })
  .transform(
    ({ par: cardPar, user: cardUser, answer: given, message, faults, ...conditions }): CardFixture => {
      const isPage = given !== undefined && isPageStatus(given);
      return {
        par: cardPar,
        user: cardUser ?? null,
        answer: isPage ? null : (given ?? findIll(cardConditions, conditions)),
        message: message ?? null,
        door: isPage ? { kind: 'page', status: Number(given), when: 'before' } : null,
        faults: faults ?? [],
      };
    },
  );

const member = z
  .strictObject({
    user,
    status: wordOf(memberConditions, 'status'),
    openBankingTerms: wordOf(memberConditions, 'openBankingTerms'),
    firmBankingTerms: wordOf(memberConditions, 'firmBankingTerms'),
    account: wordOf(memberConditions, 'account'),
    inquiryFaults: z.array(fault).optional(),
  })
  .refine((given) => saysMoreThan(given, ['user']), {
    error: 'expected status, openBankingTerms, firmBankingTerms, account or inquiryFaults',
  })
  .transform(({ user: memberUser, inquiryFaults, ...conditions }) => ({
    user: memberUser,
    answer: findIll(memberConditions, conditions),
    isUnknown: conditions.status === 'unknown',
    inquiryFaults: inquiryFaults ?? [],
  }));

const registered = z.strictObject({ user, par, since: since.optional() }).transform((given) => ({
  user: given.user,
  par: given.par,
  registeredAt: given.since ?? registeredLongAgo,
}));

const setUp = z
  .strictObject({ refused: z.boolean(), field: z.string().min(1).optional() })
  .transform(({ refused, field }): SetUpFixture => ({ refused, field: field ?? null }));

const fixtures = z
  .strictObject({
    setUp: setUp.default(acceptedSetUp),
    registered: z.array(registered).default([]),
    members: z.array(member).default([]),
    cards: z.array(card).default([]),
  })
  .superRefine((given, context) => {
    const refuseRepeats = (list: string, keys: readonly string[], message: string): void => {
      const seen = new Set<string>();
      keys.forEach((key, index) => {
        if (seen.has(key)) context.addIssue({ code: 'custom', path: [list, index], message });
        seen.add(key);
      });
    };
    const { registered: before, members, cards } = given;
    refuseRepeats(
      'registered',
      before.map((entry) => entry.par),
      'this PAR is registered above already',
    );
    refuseRepeats(
      'members',
      members.map((entry) => entry.user),
      'this member is described above already',
    );
    refuseRepeats(
      'cards',
      cards.map((entry) => cardKey(entry.par, entry.user)),
      'this card is described above already',
    );
  });

/** Reads the text of a fixtures file; an empty text means no fixtures. Throws SANDBOX_FIXTURES_INVALID. */
export function parseFixtures(yamlText: string): Fixtures {
  return readYaml(yamlText, fixtures, 'sandbox fixtures', 'SANDBOX_FIXTURES_INVALID');
}
