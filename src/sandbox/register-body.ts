export interface RegisterRequest {
  /** 1 to 19 digits, exactly as on the wire. */
  readonly userId: string;
  readonly par: string;
}

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON.parse with access to the source text of each value (Node 21 and newer); the types do not know it yet. */
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * Reads a plain body of exactly `userId`, a JSON number of 1 to 19 digits above zero, and `par`; null otherwise.
 * The digits come from the raw text: as a JavaScript number they would be rounded after the 15th.
 */
export function readRegisterBody(body: Buffer): RegisterRequest | null {
  const content = parseExactly(body);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  const fields = new Map<string, unknown>(Object.entries(content));
  const userId = fields.get('userId');
  const par = fields.get('par');
  if (fields.size !== 2 || typeof userId !== 'bigint') return null;
  if (typeof par !== 'string' || !/^[A-Z0-9]{27}$/.test(par)) return null;
  return { userId: userId.toString(), par };
}

/** A bigint stands for a number written as 1 to 19 digits: nothing else in JSON can become one. */
function parseExactly(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return parseWithSource(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && /^[1-9][0-9]{0,18}$/.test(source)
        ? BigInt(source)
        : value,
    );
  } catch {
    return null;
  }
}
