import { z } from 'zod';
import { faultGrammar, parseFault, type Fault } from './fault.ts';
import { readYaml } from './yaml-file.ts';

/** One card's condition and script. `user` null: whoever asks for the card. */
export interface CardFixture {
  readonly par: string;
  readonly user: string | null;
  /** The code this card is answered with instead of being registered, until the fixtures are changed. */
  readonly answer: string | null;
  /** One a call, in this order, before anything else; then the card behaves normally. */
  readonly faults: readonly Fault[];
}

/** What the simulated provider knows before the first call. */
export interface Fixtures {
  readonly registered: readonly { readonly user: string; readonly par: string }[];
  readonly cards: readonly CardFixture[];
}

export const emptyFixtures: Fixtures = { registered: [], cards: [] };

/** A card is looked up for its user first, then for anybody. */
export function cardKey(par: string, user: string | null): string {
  return `${par}/${user ?? '*'}`;
}

const par = z
  .string({ error: 'expected the PAR in quotes' })
  .regex(/^[A-Z0-9]{27}$/, { error: 'expected 27 characters of A-Z and 0-9' });
const user = z
  .string({ error: 'expected the user id in quotes; a bare number would lose digits' })
  .regex(/^[1-9][0-9]{0,18}$/, { error: 'expected 1 to 19 digits without a leading zero' });
const answer = z
  .string({ error: 'expected a code in quotes, such as "007_015"' })
  .regex(/^[0-9]{3}_[0-9]{3}$/, { error: 'expected a code such as "007_015"' })
  .refine((code) => code !== '000_000', {
    error: 'a card without a condition is answered 000_000 by itself',
  });
const fault = z.string({ error: `expected one of ${faultGrammar}` }).transform((text, context) => {
  const read = parseFault(text);
  if (read !== null) return read;
  context.addIssue({ code: 'custom', message: `expected one of ${faultGrammar}` });
  return z.NEVER;
});

const card = z
  .strictObject({ par, user: user.optional(), answer: answer.optional(), faults: z.array(fault).optional() })
  .refine((given) => given.answer !== undefined || given.faults !== undefined, {
    error: 'expected answer or faults',
  })
  .transform((given) => ({
    par: given.par,
    user: given.user ?? null,
    answer: given.answer ?? null,
    faults: given.faults ?? [],
  }));

const fixtures = z
  .strictObject({
    registered: z.array(z.strictObject({ user, par })).default([]),
    cards: z.array(card).default([]),
  })
  .superRefine((given, context) => {
    reportRepeats(
      given.registered.map((entry) => entry.par),
      (index) => {
        context.addIssue({
          code: 'custom',
          path: ['registered', index],
          message: 'this PAR is registered above already',
        });
      },
    );
    reportRepeats(
      given.cards.map((entry) => cardKey(entry.par, entry.user)),
      (index) => {
        context.addIssue({
          code: 'custom',
          path: ['cards', index],
          message: 'this card is described above already',
        });
      },
    );
  });

function reportRepeats(keys: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  keys.forEach((key, index) => {
    if (seen.has(key)) report(index);
    seen.add(key);
  });
}

/** Reads the text of a fixtures file; an empty one is no fixtures. Throws SANDBOX_FIXTURES_INVALID. */
export function parseFixtures(yamlText: string): Fixtures {
  return readYaml(yamlText, fixtures, 'sandbox fixtures', 'SANDBOX_FIXTURES_INVALID');
}
