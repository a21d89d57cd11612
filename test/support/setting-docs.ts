import { flagName, wordsOn, type CommandName, type Flag } from '../../src/config/flags/flag.ts';
import { flagTable } from '../../src/config/flags/flag-table.ts';
import { environmentTable, type EnvironmentVariable } from '../../src/config/environment-table.ts';
import { settingPaths, valuesOf } from '../../src/config/settings/setting-sections.ts';
import { defaultOf, type Setting } from '../../src/config/settings/setting.ts';

/** The page with the tables between its marks written anew. */
export function withTables(page: string, tables: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(tables).reduce((text, [mark, lines]) => {
    const [start, end] = [`<!-- ${mark} -->\n`, '<!-- end -->'];
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end, from);
    if (from < start.length || to === -1) throw new Error(`no place for the table "${mark}"`);
    return `${text.slice(0, from)}\n${lines.join('\n')}\n\n${text.slice(to)}`;
  }, page);
}

export function flagLines(): readonly string[] {
  const rows = Object.entries<Flag>(flagTable).map(([key, flag]) => {
    const otherwise = Object.keys(flag.but ?? {}) as CommandName[];
    const commands = [...flag.on, ...otherwise.filter((command) => !flag.on.includes(command))];
    return [`\`--${flagName(key)}\``, commands.join(', '), wordsOf(flag, otherwise)];
  });
  return tableLines(['flag', 'commands', 'what it does'], rows);
}

/** What it does, with what is said otherwise of some commands after it. */
function wordsOf(flag: Flag, otherwise: readonly CommandName[]): string {
  const usual = sentence(flag);
  const others = new Map<string, CommandName[]>();
  for (const command of otherwise) {
    const words = wordsOn(flag, command);
    const text = words === null ? usual : sentence(words);
    if (text === usual || text === `provider: ${usual}`) continue;
    others.set(text, [...(others.get(text) ?? []), command]);
  }
  const exceptions = [...others].map(
    ([text, commands]) =>
      `${commands.join(' and ')}: ${text.replace('provider: ', 'with `--against provider`, ')}`,
  );
  return [usual, ...(flag.more === undefined ? [] : [flag.more]), ...exceptions].join('. ');
}

function sentence({ help, without }: { help: string; without?: string }): string {
  return without === undefined ? help : `${help}; default: ${without}`;
}

export function variableLines(): readonly string[] {
  const rows = Object.entries<EnvironmentVariable>(environmentTable).map(([name, { file, help }]) => [
    `\`${name}\``,
    file === true ? 'file' : '',
    help,
  ]);
  return tableLines(['variable', 'file', 'what it is'], rows);
}

export function settingLines(): readonly string[] {
  const rows = settingPaths.map(([path, one]) => {
    const value = defaultOf(one);
    return [
      `\`${path}\``,
      value === undefined ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``,
      valuesOf(one),
      [
        ...flagsOver(one).map((flag) => `\`--${flag}\``),
        ...(one.environment === undefined ? [] : [`\`${one.environment}\``]),
      ].join(', '),
      one.help,
    ];
  });
  return tableLines(['key', 'default', 'values', 'flag or variable', 'what it does'], rows);
}

function flagsOver(one: Setting): readonly string[] {
  return Object.entries<Flag>(flagTable).flatMap(([key, { over }]) =>
    over?.settings.includes(one) === true ? [flagName(key)] : [],
  );
}

function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = rows.map((cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('  ', ' '),
  );
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...lines];
}
