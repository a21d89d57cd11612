/** Whose field an "Invalid input parameter" names: one of the row's, one of the wire's (ours), or none that we know. */
export type RefusedField =
  | { readonly kind: 'row'; readonly userId: boolean; readonly par: boolean }
  | { readonly kind: 'wire'; readonly name: string }
  | { readonly kind: 'none' };

/** As four sister pages write it: `Invalid input parameter. <name>[, <name>]`. Any other text names no field. */
const NAMED = /^invalid input parameter\. ([a-z][a-z0-9_-]*(?:, ?[a-z][a-z0-9_-]*)*)$/;

/** Headers of the request, and the fields around an encrypted body: all of them are our set-up's, none the row's. */
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

/** Reads the provider's words beside a 000_002 (null: none). A name of the wire outweighs one of the row. */
export function readRefusedField(message: string | null): RefusedField {
  const named = NAMED.exec((message ?? '').toLowerCase());
  const names = named?.[1]?.split(/, ?/) ?? [];
  const wire = wireNames.find((name) => names.includes(name.toLowerCase()));
  if (wire !== undefined) return { kind: 'wire', name: wire };
  const userId = names.includes('userid');
  const par = names.includes('par');
  return userId || par ? { kind: 'row', userId, par } : { kind: 'none' };
}
