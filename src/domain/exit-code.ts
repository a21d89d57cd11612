/** The one table of exit codes; the README shows it and a test compares the two. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  notEnrolled: 3,
  unclear: 4,
  listRefused: 5,
  stoppedByGuard: 6,
  providerUnavailable: 7,
  ownSide: 8,
  totalsDisagree: 9,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Codes 2 and 5 mean that nothing was called. Among several lists they rank as the worst of such codes. */
const worstFirst: readonly ExitCode[] = [9, 1, 8, 7, 130, 143, 6, 5, 2, 4, 3, 0];

export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return worstFirst.find((code) => codes.includes(code)) ?? exitCodes.done;
}
