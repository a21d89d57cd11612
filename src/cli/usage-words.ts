import { nearestKey } from '../config/job-file/nearest-key.ts';

/** What a reader of `--help` needs in addition to the flags. */
export const HELP_EPILOGUE = [
  'Exit codes: 0 done, 2 usage, 3 some rows not enrolled, 4 some unclear, 5 list refused, 6 a guard or limit, 7 provider, 8 our own side, 9 totals do not agree, 1 a bug, 130 and 143 a signal.',
  '`help <command>` shows the flags of a command. Where to read on: README.md; docs/commands.md has every flag and variable, docs/job-file.md every key with its default, docs/exit-causes.md who acts when, docs/operations.md what breaks.',
].join('\n');

export const HELP_EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 init', 'write a first job file from a few answers'],
  ['$0 plan members.yaml', 'show how the list is read and what would be called; calls nobody'],
  ['$0 run members.yaml', 'enrol; repeat the command to continue an unfinished run'],
  ['$0 run members.csv --limit 5 --rate 1/s', 'try a few records first'],
  ['$0 status', 'show the state of the last runs'],
  ['$0 explain 10000000001', 'show the whole history of one record'],
  ['$0 retry --run RUN', 'call the failed records of a run again'],
];

/** Turns `help run` into `run --help`. */
export function withoutHelpWord(words: readonly string[]): readonly string[] {
  return words[0] === 'help' ? [...words.slice(1, 2), '--help'] : words;
}

/**
 * Returns a message about a flag that the command does not have, with the nearest one it has; null: all are known. It
 * is checked before words are counted, because the word after an unknown flag is taken for its value and would seem
 * to be missing.
 */
export function findUnknownFlag(words: readonly string[], known: readonly string[]): string | null {
  const end = words.indexOf('--');
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const name = /^--(?<name>[^=]+)/.exec(word)?.groups?.['name'];
    if (name === undefined || known.includes(name)) continue;
    const nearest = nearestKey(
      name,
      known.filter((one) => one.length > 1),
    );
    return `there is no flag --${name} here${nearest === null ? '' : `; did you mean --${nearest}?`}`;
  }
  return null;
}

/** Says which word is missing; yargs only counts words. */
export function explainUsage(message: string): string {
  return message.startsWith('Not enough non-option arguments')
    ? 'the command needs one more word: run needs a job file or a list file, explain a user id, a PAR or run:line, resolve one of these or break:N'
    : message;
}
