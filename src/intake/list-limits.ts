/** Longest cell of a file, in bytes of UTF-8; a longer one is nearly always a quote that was never closed. */
export const MAX_FIELD_BYTES = 64 * 1024;

/** Longest row of any source, in bytes; bounds what one unclosed quote, or one wide column, can pull into memory. */
export const MAX_ROW_BYTES = 1024 * 1024;

/** Characters of a file's name that are kept and shown; a system takes 255 bytes. */
export const MOST_OF_A_NAME = 255;
