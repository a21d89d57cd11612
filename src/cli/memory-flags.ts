/**
 * Flags of Node for processes that hold rows. Rows are short-lived: a young generation of this size outlives the calls
 * in flight without copying them often, and an old generation that is collected once it has grown by half keeps memory
 * small; by default Node grows to twice that.
 */
export const memoryFlags: readonly string[] = ['--max-semi-space-size=12', '--heap-growing-percent=50'];

/**
 * The environment of the same processes, which glibc reads when a process starts. By default each thread allocates from
 * an arena of its own, and what is freed stays with the process: some 30 MiB, and more as the hours pass. Other C
 * libraries ignore it.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
};
