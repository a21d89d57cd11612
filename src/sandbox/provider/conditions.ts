/**
 * Conditions of a card or a member, each with the code that a call then gets; null means no problem. Where several
 * apply, the first in this order decides.
 */
export const cardConditions = {
  input: { valid: null, invalid: '000_002' },
  status: { active: null, unknown: '001_003', inactive: '007_016' },
  plan: { none: null, 'other-member': '007_012', 'other-kind': '007_012' },
} as const satisfies Conditions;

export const memberConditions = {
  status: { known: null, unknown: '001_006' },
  openBankingTerms: { accepted: null, 'not-accepted': '007_015' },
  firmBankingTerms: { accepted: null, 'not-accepted': '007_027' },
  account: { registered: null, none: '007_031' },
} as const satisfies Conditions;

/** Codes by key and word. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** Returns the code of the first condition that is a problem, or null. */
export function findIll(
  conditions: Conditions,
  given: Readonly<Record<string, string | undefined>>,
): string | null {
  for (const [key, codes] of Object.entries(conditions)) {
    const code = codes[given[key] ?? ''] ?? null;
    if (code !== null) return code;
  }
  return null;
}
