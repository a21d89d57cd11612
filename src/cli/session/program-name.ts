/**
 * Returns the program's name as the reader of a hint can type it: in a checkout, where npm started it, there is no
 * `kona-enroll`.
 */
export function programName(env: Readonly<Record<string, string | undefined>>): string {
  return env['npm_package_name'] === 'kona-enroll' ? 'npm run -s kona-enroll --' : 'kona-enroll';
}

/**
 * Returns a sentence with a command of ours, such as `kona-enroll status`, in the form in which its reader can type
 * it.
 */
export function withProgramName(sentence: string, env: Readonly<Record<string, string | undefined>>): string {
  return sentence.replaceAll(/\bkona-enroll (?=[a-z]+\b|--help\b)(?!needs\b)/g, `${programName(env)} `);
}
