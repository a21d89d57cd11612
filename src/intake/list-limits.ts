/** Longest cell of a file, in bytes of UTF-8. A longer cell nearly always means a quote that was never closed. */
export const MAX_FIELD_BYTES = 64 * 1024;

/**
 * Longest row of any source, in bytes. It limits how much an unclosed quote or a wide column can pull into memory.
 */
export const MAX_ROW_BYTES = 1024 * 1024;

/** Longest file name that is kept and shown, in characters. File systems allow 255 bytes. */
export const MOST_OF_A_NAME = 255;
