/** Which parts of a call must match exactly, and what a tolerant platform might accept. */
export interface CallRules {
  /** Each pattern is matched against the header's one value, which is empty where the header was not sent. */
  readonly contentType: RegExp;
  readonly accept: RegExp;
  /** The first group, where there is one, is the time in it. */
  readonly correlationId: RegExp;
  readonly timeZone: RegExp;
  /** The first group is `yyyyMMddHHmmss`. */
  readonly tranTime: RegExp;
  /** The first group is the time in it, the second the signature. */
  readonly tranToken: RegExp;
  /** Whether the times of token and correlation id must equal X-KM-Tran-Time. */
  readonly oneTime: boolean;
  readonly allowedSkewMs: number;
  readonly correlationIdOnce: boolean;
  /** Whether a key id beside a plain body is refused. */
  readonly keyIdNeedsEncryption: boolean;
  readonly otherFields: boolean;
  /** Whether `"userId":"1"` is accepted for `"userId":1`. */
  readonly userIdAsText: boolean;
}

/**
 * The rules of the documents; where these contradict each other, what works with both readings (see
 * docs/provider-contract.md).
 */
export const strictRules: CallRules = {
  contentType: /^application\/json(?:; ?charset=utf-8)?$/i,
  accept: /^application\/json$/i,
  correlationId: /^(\d{12})-[0-9A-Fa-f]{7}$/,
  timeZone: /^(?:KST|UTC)$/,
  tranTime: /^(\d{14})$/,
  // Standard base64, padded, of 32 bytes is 43 characters and one `=`: 67 in all.
  tranToken: /^KMV1:(\d{17}):([A-Za-z0-9+/]{43}=)$/,
  oneTime: true,
  allowedSkewMs: 5 * 60 * 1000,
  correlationIdOnce: true,
  keyIdNeedsEncryption: true,
  otherFields: false,
  userIdAsText: false,
};

/** Accepts every value of the strict rules, and more. Identity and signature of a call are checked as strictly. */
export const lenientRules: CallRules = {
  contentType: /^application\/json *(?:;.*)?$/i,
  accept: /^$|application\/json|application\/\*|\*\/\*/i,
  correlationId: /^[!-~]{20}$/,
  timeZone: /^(?:KST|UTC)$/i,
  // The page counts 16 characters for the time, and 66 for the token.
  tranTime: /^(\d{14})(?:\d{2})?$/,
  tranToken: /^KMV1:(\d{16,17}):([A-Za-z0-9+/]{43}=)$/,
  oneTime: false,
  allowedSkewMs: 24 * 60 * 60 * 1000,
  correlationIdOnce: false,
  keyIdNeedsEncryption: false,
  otherFields: true,
  userIdAsText: true,
};
