import type { z } from 'zod';
import { refused, valid, type Checked } from '../checked.ts';
import { formatPath, schemaProblems } from '../job-file/schema-problems.ts';
import type { DeepReadonly } from '../settings/setting.ts';
import { flagName } from './flag.ts';
import { flagsSchema, settingFlags, type Flags } from './flag-table.ts';

/** The checked flags of the configuration: null, false or the default where one was not given. */
export type CheckedFlags = DeepReadonly<z.output<typeof flagsSchema>>;

/** The same, for code that acts on the flags. */
export type FlagSettings = CheckedFlags & { readonly databaseUrl: null };

export function checkFlags(flags: Flags): Checked<CheckedFlags> {
  const parsed = flagsSchema.safeParse(flags);
  if (parsed.success) return valid(parsed.data);
  return refused(
    ...schemaProblems(parsed.error.issues).map(
      ({ path, unknownKey, sentence }) =>
        `--${flagName(unknownKey ?? formatPath(path.slice(0, 1)))}: ${sentence}`,
    ),
  );
}

/** Picks from a command line only the flags that the configuration knows, because it refuses all others. */
export function flagsOf(argv: Readonly<Record<string, unknown>>): Flags {
  const given = Object.keys(settingFlags).filter((key) => argv[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, argv[key]]));
}
