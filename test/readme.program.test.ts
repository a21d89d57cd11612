import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../src/cli/main.ts';
import { environmentTable } from '../src/config/environment-table.ts';
import {
  failedClasses,
  recordStatuses,
  rejectedClasses,
  rowClasses,
  successClasses,
  whoMustAct,
  type RowClass,
} from '../src/domain/class.ts';
import { exitCodes, worstExitCode, type ExitCode } from '../src/domain/exit-code.ts';
import { resultColumns } from '../src/domain/result-columns.ts';
import { systemClock } from '../src/cli/system-clock.ts';
import { silentSignals } from '../src/domain/run-signals.ts';
import { createReadmeShell, UNKNOWN_COMMAND, type ReadmeShell } from './support/readme-shell.ts';
import { readPage, type Page } from './support/readme.ts';

const readme = readPage('README.md');
const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => readPage(join('docs', name)));
const pages = [readme, ...docs];

function docPage(name: string): Page {
  const page = docs.find(({ path }) => path === join('docs', name));
  if (page === undefined) throw new Error(`no page docs/${name}`);
  return page;
}

const commandPage = docPage('commands.md');
const statesPage = docPage('states-and-totals.md');
const runFolderPage = docPage('run-folder.md');
const [screen = ''] = readme.blocks('text');

/** A line of a block `sh`, and the exit code the README says it has: `# exit 3`, else 0. */
function commandsOf(block: string): readonly { line: string; exitCode: number }[] {
  return block
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((text) => {
      const [, line = text, code = '0'] = /^(.*?)\s+# exit (\d+)$/.exec(text) ?? [];
      return { line, exitCode: Number(code) };
    });
}

interface Ran {
  readonly outputs: ReadonlyMap<string, string>;
  /** The first that ended otherwise than the README says; nothing is run after it. */
  readonly wrong: { readonly line: string; readonly exitCode: number | null; readonly output: string } | null;
}

async function runAll(shell: ReadmeShell, blocks: readonly string[]): Promise<Ran> {
  const outputs = new Map<string, string>();
  for (const { line, exitCode } of blocks.flatMap(commandsOf)) {
    const end = await shell.run(line);
    if (end.exitCode !== exitCode) return { outputs, wrong: { line, ...end } };
    outputs.set(line, end.output);
  }
  return { outputs, wrong: null };
}

function sorted(words: readonly (string | undefined)[]): readonly string[] {
  return words.map((word) => word ?? 'nothing').toSorted();
}

/** What differs from run to run and place to place; a slow machine is also told how far it is. */
function steady(text: string): string {
  return text
    .replaceAll(/^\d+\/\d+ called · .*\n/gm, '')
    .replaceAll(/^writing the run folder: \d.*\n/gm, '')
    .replaceAll(/\d{8}T\d{6}Z-(?<job>[a-z-]+)-[0-9a-f]{4}/g, '<run of $<job>>')
    .replaceAll(/(?<=Run folder: ).*(?=\/runs\/)/g, '<here>')
    .replaceAll(/^Calls: .*$/gm, (line) =>
      line.replaceAll(/\d+/g, '<n>').replace(/(?<=p<n> <n> ms · ).*/, '<what held it back>'),
    )
    .trim();
}

test('every command runs as it stands, with the exit code and the screen that are shown', async () => {
  await using shell = await createReadmeShell();
  for (const name of ['members.csv', 'members.yaml']) {
    const [content] = readme.blocks(`${name.slice(name.indexOf('.') + 1)} ${name}`);
    await writeFile(join(shell.cwd, name), content ?? '');
  }
  const [sandbox = '', ...more] = readme.blocks('sh second terminal');
  expect(more).toEqual([]);
  await shell.serve(sandbox.trim(), 'listening');
  const { outputs, wrong } = await runAll(
    shell,
    pages.flatMap((page) => page.blocks('sh')),
  );
  expect(wrong).toBeNull();

  expect(outputs.size).toBeGreaterThanOrEqual(7);
  // Everything that was meant to start something did, and no other block of the README holds commands.
  const calls = await shell.npmCalls();
  expect(calls.filter((call) => call === 'start' || call.startsWith('run '))).toHaveLength(outputs.size - 1);
  expect(calls).toContain('test');
  for (const page of pages) {
    expect(page.text.match(/^```(?:bash|console|shell)/gm)).toBeNull();
    const served = page === readme ? 1 : 0;
    expect(page.text.match(/^```sh/gm) ?? []).toHaveLength(page.blocks('sh').length + served);
  }

  const shown = steady(outputs.get('npm ci && npm start') ?? '').split('\n');
  expect(sorted(shown)).toEqual(steady(screen).split('\n').toSorted());
  const started = (await readdir(join(shell.cwd, 'runs'))).find((name) => /Z-demo-/.test(name)) ?? '';
  const folderFiles = runFolderPage.table('The run folder', ['file', 'what is in it']).map(([file]) => file);
  expect((await readdir(join(shell.cwd, 'runs', started))).toSorted()).toEqual(sorted(folderFiles));
  const manifest = join(shell.cwd, 'runs', started, 'manifest.json');
  expect(await readFile(manifest, 'utf8')).toContain('results.csv');
  expect(outputs.get('npm run -s kona-enroll -- status')).toContain('my-test');

  // What it says of a lost ledger.
  expect(outputs.get('npm run -s kona-enroll -- run members.yaml')).toMatch(/^ {2}enrolled +2 /m);
  await rm(join(shell.cwd, '.kona-enroll'), { recursive: true });
  const again = await shell.run('npm run -s kona-enroll -- run members.yaml');
  expect(again.output).toMatch(/^ {2}already_active +2 /m);
  expect(again.output).toContain('Calls: 2 ');
});

test('a command that nobody knows, or that fails, is found', async () => {
  await using shell = await createReadmeShell();
  expect(await shell.run('kona-enroll status')).toMatchObject({ exitCode: UNKNOWN_COMMAND });
  expect(await shell.run('npm run kona-enroll')).toMatchObject({ exitCode: UNKNOWN_COMMAND });
  const mistyped = await runAll(shell, ['npm ci\nnpm run -s kona-enroll -- sattus\nnpm test\n']);
  expect(mistyped.wrong).toMatchObject({ line: 'npm run -s kona-enroll -- sattus', exitCode: 2 });
  expect([...mistyped.outputs.keys()]).toEqual(['npm ci']);
  expect(commandsOf('npm test\nnpm start     # exit 3\n')).toEqual([
    { line: 'npm test', exitCode: 0 },
    { line: 'npm start', exitCode: 3 },
  ]);
});

test('the screen has the counts the sample was made to give', () => {
  const expected = JSON.parse(readFileSync('samples/expected/legacy-users.json', 'utf8')) as {
    rowsRead: number;
    classes: Record<string, number>;
  };
  const shown = [...screen.matchAll(/^ {2}([a-z_]+) +(\d+) {2}\S/gm)].map(([, name, count]) => [
    name,
    Number(count),
  ]);
  const wanted = Object.entries(expected.classes).filter(([, count]) => count > 0);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(wanted));
  expect(screen).toContain(`Totals agree: ${expected.rowsRead} rows read`);
});

test('exit codes are those of the program, and so is which of several counts', () => {
  const codes = readme.table('Exit codes', ['code', 'meaning', 'what to do']).map(([code]) => Number(code));
  expect(codes).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
  const order =
    /the worst code counts, in this order: ([\d, ]+)\./.exec(readme.text)?.[1]?.split(', ').map(Number) ?? [];
  expect(order.toSorted((a, b) => a - b)).toEqual(codes);
  const left = [...(order as ExitCode[])];
  while (left.length > 0) {
    expect(worstExitCode(left.toReversed())).toBe(left[0]);
    left.shift();
  }
});

function fileOf(rowClass: RowClass): string {
  if (successClasses.includes(rowClass)) return 'succeeded.csv';
  if (failedClasses.includes(rowClass)) return 'failed.csv';
  return rejectedClasses.includes(rowClass) ? 'rejected.csv' : 'unprocessed.csv';
}

test('classes, actors and files are those of the program', () => {
  const rows = statesPage.table('What happened: classes', ['class', 'what it means', 'who must act', 'file']);
  expect(rows.map(([name, , actor, file]) => [name, actor, file])).toEqual(
    rowClasses.map((name) => [name, whoMustAct(name, false), fileOf(name)]),
  );
  const later = rowClasses.filter((name) => whoMustAct(name, true) !== whoMustAct(name, false));
  expect(later.toSorted()).toEqual(['action_required', 'ambiguous', 'transient']);
  expect(statesPage.text).toContain(
    '`action_required`, `transient` and `ambiguous` are called again automatically',
  );
});

test('the diagrams name every state', () => {
  const [ofRecord = '', ofRun = ''] = statesPage.blocks('mermaid');
  const [, , ...classes] = recordStatuses;
  expect(ofRecord).toContain('[*] --> pending');
  expect(ofRecord).toContain('pending --> sending');
  expect(/classes a record can have are (.*);/.exec(statesPage.text)?.[1]?.match(/[a-z_]{5,}/g)).toEqual(
    classes,
  );
  const states = /state +text not null check \(state in\s+\(([^)]*)\)/.exec(
    readFileSync('migrations/0001_ledger.sql', 'utf8'),
  )?.[1];
  const names = states?.match(/[a-z]+/g) ?? [];
  expect(names.length).toBeGreaterThan(5);
  const drawn = new Set([...ofRun.matchAll(/(?:--> )?\b([a-z]+)(?= -->|:|$)/gm)].map(([, name]) => name));
  for (const name of names) expect(drawn).toContain(name);
});

/** Flags of each command, as `--help` prints them. */
async function flagsInHelp(): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = [...(await help([])).matchAll(/^ {2}kona-enroll ([a-z-]+)/gm)].flatMap(
    ([, name]) => name ?? [],
  );
  const flags = new Map<string, readonly string[]>();
  for (const name of names) {
    const shown = [...(await help([name])).matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].flatMap(
      ([, flag]) => flag ?? [],
    );
    flags.set(
      name,
      shown.filter((flag) => flag !== 'help' && flag !== 'version'),
    );
  }
  return flags;
}

async function help(command: readonly string[]): Promise<string> {
  let text = '';
  const add = (more: string): void => void (text += more);
  const output = { isTerminal: false, columns: 0, write: add, draw: add };
  const exitCode = await main([...command, '--help'], {
    env: {},
    cwd: '.',
    stdin: () => Readable.from([]),
    stdout: output,
    stderr: output,
    clock: systemClock,
    signals: silentSignals,
    me: { user: 'tester', host: 'here', pid: 1 },
    onStopSignal: () => () => undefined,
    hide: () => undefined,
    endNow: () => undefined,
    logTo: () => undefined,
    logPlace: null,
  });
  expect(exitCode).toBe(0);
  return text;
}

test('commands and flags are those of --help', async () => {
  const inHelp = await flagsInHelp();
  expect(inHelp.size).toBeGreaterThanOrEqual(5);
  const commands = commandPage.table('Commands and flags', ['command', 'what it does']);
  expect(commands.map(([command = '']) => command.split(' ')[0])).toEqual([...inHelp.keys()]);
  const rows = commandPage.table('Commands and flags', ['flag', 'commands', 'what it does']);
  for (const [command, flags] of inHelp) {
    const shown = rows.filter(([, of = '']) => of.split(', ').includes(command)).map(([flag]) => flag);
    expect(sorted(shown)).toEqual(flags.map((flag) => `--${flag}`).toSorted());
  }
});

function sourcesUnder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

test('environment variables are those the program reads', () => {
  const known = Object.keys(environmentTable);
  const named = sourcesUnder('src/config').matchAll(/'(DATABASE_URL|KONA_[A-Z_]+|[A-Z]+_PROXY)'/g);
  const read = sourcesUnder('src').matchAll(/\benv\['([A-Z_]+)'\]/g);
  // INIT_CWD is npm's own way to say where a person stands.
  const names = new Set([...named, ...read].flatMap(([, name]) => (name === 'INIT_CWD' ? [] : [name])));
  expect(sorted(known)).toEqual(sorted([...names]));
});

test('our columns are named in their order', () => {
  expect(runFolderPage.text).toContain(`Our columns: \`${resultColumns.join(', ')}\``);
});

test.each(pages)('$path: every link leads somewhere', (page) => {
  expect(brokenLinks(page)).toEqual([]);
  const headings = anchorsOf(page.text);
  expect(headings.length).toBeGreaterThan(0);
  expect(new Set(headings).size).toBe(headings.length);
});

function brokenLinks({ path, text }: Page): readonly string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
  return links.flatMap(([link, file = '', anchor]) => {
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(target)) return [link];
    const leads = anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    return leads ? [] : [link];
  });
}

/** What a link may name after `#`: the headings as GitHub writes them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('README is a door: short, with a link to every page', () => {
  expect(readme.text.split('\n').length).toBeLessThanOrEqual(250);
  expect(readme.text.split(/\s+/).length).toBeLessThanOrEqual(3_000);
  expect(docs.length).toBeGreaterThan(10);
  const unlinked = docs.filter(({ path }) => !readme.text.includes(`](${path}`));
  expect(unlinked.map(({ path }) => path)).toEqual([]);
});

test('every path of the folder map exists, and no room is left out', () => {
  const map = docPage('architecture.md').table('The folders of this repository', ['path', 'what is in it']);
  const paths = map.map(([path = '']) => path);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  const rooms = readdirSync('src').map((name) => `src/${name}/`);
  expect(paths.filter((path) => path.startsWith('src/')).toSorted()).toEqual(sorted(rooms));
});
