import { z } from 'zod';
import type { Setting } from '../settings/setting.ts';

/** Commands that have flags, in the order of `--help`. */
export type CommandName =
  | 'run'
  | 'plan'
  | 'retry'
  | 'status'
  | 'explain'
  | 'report'
  | 'rules'
  | 'reconcile'
  | 'resolve'
  | 'pause'
  | 'resume'
  | 'doctor'
  | 'init'
  | 'serve'
  | 'migrate'
  | 'access-log'
  | 'purge'
  | 'template'
  | 'sandbox';

/** Headings under which `--help` lists flags, in this order. */
export const helpGroups = {
  rows: 'Which rows:',
  list: 'The list:',
  calls: 'The calls:',
  report: 'Report, log and exit code:',
  ids: 'Whole ids:',
  server: 'The server:',
  answers: 'How it answers:',
  ledger: 'Ledger and output:',
} as const;

/** What `--help` says about a flag. */
export interface FlagWords {
  /** What the flag does. */
  readonly help: string;
  /** What holds without the flag; left out where that is nothing. */
  readonly without?: string;
  /** Heading in `--help`; left out: among the options. */
  readonly group?: keyof typeof helpGroups;
}

/** One flag: everything that the command line, the configuration, `--help` and docs/commands.md know about it. */
export interface Flag extends FlagWords {
  /** A switch stands alone; a text has one value; texts may be given more than once. */
  readonly takes: 'switch' | 'text' | 'texts';
  readonly on: readonly CommandName[];
  /** Different words for some commands; these commands need not stand in `on`. */
  readonly but?: Readonly<Partial<Record<CommandName, FlagWords>>>;
  /** Further sentences for docs/commands.md. */
  readonly more?: string;
  /** Schema by which the configuration checks the flag; left out: the command itself reads the text. */
  readonly check?: z.ZodType;
  /** The settings kept with a run that the flag overrides, and their section. */
  readonly over?: { readonly section: 'list' | 'limits' | 'report'; readonly settings: readonly Setting[] };
  /** A flag that can't be given together with this one. */
  readonly conflicts?: string;
}

/** Returns the words of a flag on a command that has it; null where the command has no such flag. */
export function wordsOn(flag: Flag, command: CommandName): FlagWords | null {
  return flag.but?.[command] ?? (flag.on.includes(command) ? flag : null);
}

/** Returns a flag's name on the command line: `--max-calls` for `maxCalls`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Returns a schema for a flag that takes a setting's values as text; null where it was not given. */
export function asFlag<Written extends z.ZodPrefault<z.ZodType> | z.ZodOptional<z.ZodType>>({
  written,
}: {
  readonly written: Written;
}): z.ZodType<NonNullable<z.output<Written>> | null> {
  const value = written.unwrap();
  const fromText =
    value instanceof z.ZodNumber ? numberInText().pipe(value as z.ZodType<number, number>) : value;
  return fromText.nullable().default(null) as never;
}

/** Parses a number; NaN is refused, with the allowed range, by the schema that follows. */
function numberInText() {
  return z
    .unknown()
    .transform((written) =>
      typeof written === 'string' && /^[0-9]{1,10}$/.test(written) ? Number(written) : Number.NaN,
    );
}
