import type { CallRules } from './call-rules.ts';
import { findRepeatedName } from './repeated-name.ts';

export interface RegisterRequest {
  /** 1 to 19 digits, exactly as on the wire. */
  readonly userId: string;
  readonly par: string;
}

export interface PlansRequest {
  readonly userId: string;
}

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON.parse with access to the source text of each value (Node 21 and newer); its types lack this parameter. */
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * Reads what a register call asks for: exactly `userId`, a JSON number of 1 to 19 digits above zero, and `par`; null
 * otherwise. The digits come from the raw text, because a JavaScript number would round them after the 15th.
 */
export function readRegisterRequest(content: Buffer, rules: CallRules): RegisterRequest | null {
  const fields = readFields(content);
  if (fields === null || (fields.size !== 2 && !rules.otherFields)) return null;
  const userId = readUserId(fields.get('userId'), rules);
  const par = fields.get('par');
  if (userId === null || !isPar(par)) return null;
  return { userId, par };
}

/** Reads what a plans call asks for: exactly `userId`; null otherwise. */
export function readPlansRequest(content: Buffer, rules: CallRules): PlansRequest | null {
  const fields = readFields(content);
  if (fields === null || (fields.size !== 1 && !rules.otherFields)) return null;
  const userId = readUserId(fields.get('userId'), rules);
  return userId === null ? null : { userId };
}

/**
 * Names the fields for which `readRegisterRequest` or `readPlansRequest` refuses a content; none where it is no
 * object.
 */
export function findWrongFields(content: Buffer, expected: readonly string[], rules: CallRules): string[] {
  const repeated = findRepeated(content);
  if (repeated !== null) return [repeated];
  const fields = readFields(content);
  if (fields === null) return [];
  const wrong = expected.filter((name) => {
    const value = fields.get(name);
    return name === 'userId' ? readUserId(value, rules) === null : !isPar(value);
  });
  const others = rules.otherFields ? [] : [...fields.keys()].filter((name) => !expected.includes(name));
  return [...wrong, ...others];
}

function findRepeated(content: Buffer): string | null {
  const text = content.toString('utf8');
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return findRepeatedName(text);
}

function isPar(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z0-9]{27}$/.test(value);
}

function readUserId(value: unknown, rules: CallRules): string | null {
  if (typeof value === 'bigint') return value.toString();
  return rules.userIdAsText && typeof value === 'string' && USER_ID.test(value) ? value : null;
}

const USER_ID = /^[1-9][0-9]{0,18}$/;

/**
 * Reads the fields of a content; null where it is no object, or a field is there twice. A bigint stands for a number
 * written as 1 to 19 digits; nothing else in JSON becomes one.
 */
function readFields(content: Buffer): ReadonlyMap<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    const read = parseWithSource(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && USER_ID.test(source) ? BigInt(source) : value,
    );
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return null;
    if (findRepeatedName(text) !== null) return null;
    return new Map<string, unknown>(Object.entries(read));
  } catch {
    return null;
  }
}
