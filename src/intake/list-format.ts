/**
 * How an encoding was found. given: a person named it. mark: a byte order mark. ascii: the file has only ASCII
 * characters. utf-8: it is strict UTF-8. cp949: it is not UTF-8. accident: it is CP949 that happens to be valid UTF-8.
 */
export type EncodingReason = 'given' | 'mark' | 'ascii' | 'utf-8' | 'cp949' | 'accident';

/** How a list is read, as far as that is known before its header is. It imports nothing, so that errors can hold it. */
export interface ListFormat {
  readonly format: 'csv' | 'xlsx' | 'postgres';
  /** A text encoding, `xlsx` or `postgres`. */
  readonly encoding: string;
  /** How the encoding was found; null where the source is not text. */
  readonly verdict: {
    readonly encoding: string;
    readonly how: EncodingReason;
    /** Masked words of the list, by which a person sees whether the encoding is right. */
    readonly samples: readonly string[];
  } | null;
  /** Empty where the source has no delimiter. */
  readonly delimiter: string;
  /** The sheets of a workbook by name; null for other sources. */
  readonly sheets: {
    readonly read: string;
    readonly unread: readonly string[];
    readonly hidden: readonly string[];
  } | null;
}
