/** Longest cell, in bytes of UTF-8; a longer one is nearly always a quote that was never closed. */
export const MAX_FIELD_BYTES = 64 * 1024;

/** Longest row, in bytes; bounds what one unclosed quote can pull into memory. */
export const MAX_ROW_BYTES = 1024 * 1024;
