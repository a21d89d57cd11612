/** Whose field an "Invalid input parameter" names: the row's, the request's own (ours), or none that we know. */
export type RefusedField =
  | { readonly kind: 'row'; readonly userId: boolean; readonly par: boolean }
  | { readonly kind: 'wire'; readonly name: string }
  | { readonly kind: 'none' };

/**
 * Matches the form on four sister pages: `Invalid input parameter. <name>[, <name>]`. Any other text names no field.
 */
const NAMED = /^invalid input parameter\. ([a-z][a-z0-9_-]*(?:, ?[a-z][a-z0-9_-]*)*)$/;

/** Headers of the request and fields around an encrypted body. They belong to our set-up, not to the row. */
const wireNames: readonly string[] = [
  'X-KM-User-AspId',
  'X-KM-Correlation-Id',
  'X-KM-Access-Key',
  'X-KM-Crypto-Key-Id',
  'X-KM-Tran-Token',
  'X-KM-Tran-Time',
  'X-KM-Time-Zone',
  'Content-Type',
  'Accept',
  'User-Agent',
  'encData',
  'alg',
  'enc',
];

/** Reads the provider's message beside a 000_002 (null: none). A field of the request outweighs one of the row. */
export function readRefusedField(message: string | null): RefusedField {
  const named = NAMED.exec((message ?? '').toLowerCase());
  const names = named?.[1]?.split(/, ?/) ?? [];
  const wire = wireNames.find((name) => names.includes(name.toLowerCase()));
  if (wire !== undefined) return { kind: 'wire', name: wire };
  const userId = names.includes('userid');
  const par = names.includes('par');
  return userId || par ? { kind: 'row', userId, par } : { kind: 'none' };
}
