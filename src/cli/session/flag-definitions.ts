import type { Argv } from 'yargs';
import { z } from 'zod';
import { flagName, helpGroups, wordsOn, type CommandName, type Flag } from '../../config/flags/flag.ts';
import { flagTable, type GivenFlags } from '../../config/flags/flag-table.ts';

const yargsTypes = {
  switch: { type: 'boolean' },
  text: { type: 'string' },
  texts: { type: 'string', array: true, nargs: 1 },
} as const;

export type DefineFlags = typeof defineFlags;

/**
 * Stops zod from compiling schemas at their first use, which is worth it only after some hundred uses; ours have one
 * or two per start.
 */
export function checkWithoutCompiling(): void {
  z.config({ jitless: true });
}

/** Gives a command its flags, as src/config/flags defines them, under their headings. */
export function defineFlags<Parsed>(parser: Argv<Parsed>, command: CommandName): Argv<Parsed & GivenFlags> {
  const headed = Object.values(helpGroups).reduce((ordered, heading) => ordered.group([], heading), parser);
  let defined: Argv = headed;
  for (const [key, flag] of Object.entries<Flag>(flagTable)) {
    const words = wordsOn(flag, command);
    if (words === null) continue;
    const { help, without, group } = words;
    defined = defined.option(flagName(key), {
      ...yargsTypes[flag.takes],
      describe: help,
      ...(without === undefined ? {} : { defaultDescription: without }),
      ...(group === undefined ? {} : { group: helpGroups[group] }),
      ...(flag.conflicts === undefined ? {} : { conflicts: flag.conflicts }),
    });
  }
  return defined as Argv<Parsed & GivenFlags>;
}
