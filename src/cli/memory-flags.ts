/**
 * Flags of Node for processes that hold rows. Rows are short-lived. A small young generation, and an old generation that
 * is collected once it has grown by half, keep memory small, for a tenth more CPU; by default Node grows to twice that.
 */
export const memoryFlags: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
