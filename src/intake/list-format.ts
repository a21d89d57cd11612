/** How a list is read, as far as that is known before its header is. It imports nothing, so that errors can hold it. */
export interface ListFormat {
  readonly format: 'csv' | 'xlsx' | 'postgres';
  /** A text encoding, `xlsx` or `postgres`. */
  readonly encoding: string;
  /** How the encoding was found; null where the source is not text. */
  readonly verdict: {
    readonly encoding: string;
    readonly how: 'given' | 'mark' | 'ascii' | 'utf-8' | 'cp949' | 'accident';
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
