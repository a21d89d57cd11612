import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { findOutsideTool } from '../../tools/outside-tools.ts';
import { createWorkplace } from '../config/workplace.ts';
import { startAtTerminal, type ProgramAtTerminal } from '../support/program.ts';

const atTerminal = findOutsideTool('script') === undefined ? test.skip : test;

/** Types each answer once its question is seen. */
async function answer(
  program: ProgramAtTerminal,
  answers: readonly (readonly [question: string, keys: string])[],
): Promise<void> {
  for (const [question, keys] of answers) {
    await program.shown(question);
    program.type(keys);
  }
}

atTerminal('Enter alone takes what is usual: a list to fill in, for the simulator (script)', async () => {
  const { cwd } = await createWorkplace();
  const program = startAtTerminal(['init'], { cwd });
  await answer(program, [
    ['Its number [1]: ', '\r'],
    ['[members.csv]: ', '\r'],
    ['[sandbox]: ', '\r'],
    ['Name of the job [members]: ', '\r'],
    ['ko or en [ko]: ', '\r'],
  ]);
  const end = await program.ended;
  expect(end.exitCode).toBe(0);
  expect(end.stdout).toContain(
    'Next: kona-enroll doctor members.yaml\r\nthen: kona-enroll plan members.yaml',
  );
  expect((await readdir(cwd)).toSorted()).toEqual(['.env', 'members.csv', 'members.yaml']);
  expect(parse(await readFile(join(cwd, 'members.yaml'), 'utf8'))).toMatchObject({
    list: { csv: 'members.csv' },
    provider: 'sandbox',
  });
});

atTerminal('an answer that can’t be is asked again, and what is given is not asked (script)', async () => {
  const { cwd, write } = await createWorkplace();
  await write('inbox.yaml', 'job: another\n');
  const program = startAtTerminal(['init', '--inbox', 'inbox', '--lang', 'en'], { cwd });
  await answer(program, [
    ['[sandbox]: ', 'http://provider.example\r'],
    ['expected an https:// URL', 'https://provider.example\r'],
    ['never change it [provider.example]: ', 'KP 전환\r'],
    ['[20/s]: ', '5/s\r'],
    ['Name of the job [inbox]: ', '\r'],
    ['inbox.yaml exists already', 'desk\r'],
  ]);
  const end = await program.ended;
  expect(end.exitCode).toBe(0);
  expect(end.stdout).not.toContain('Where does the list come from');
  expect((await readdir(cwd)).toSorted()).toEqual(['.env', 'desk.yaml', 'inbox', 'inbox.yaml']);
  expect(parse(await readFile(join(cwd, 'desk.yaml'), 'utf8'))).toEqual({
    job: 'desk',
    list: { inbox: 'inbox' },
    provider: { name: 'KP 전환', baseUrl: 'https://provider.example' },
    limits: { rate: '5/s' },
    report: { language: 'en' },
  });
});

const ends = [
  ['Ctrl-C', '\u0003', 130, 'stopped by SIGINT before the last answer; nothing was written'],
  ['Ctrl-D', '\u0004', 2, 'the input ended before the last answer; nothing was written'],
] as const;

atTerminal.each(ends)('%s ends it, and nothing is left (script)', async (_name, key, exitCode, told) => {
  const { cwd } = await createWorkplace();
  const program = startAtTerminal(['init', '--csv', 'members.csv'], { cwd });
  await answer(program, [
    ['[sandbox]: ', '\r'],
    ['Name of the job [members]: ', key],
  ]);
  const end = await program.ended;
  expect(end.stdout).toContain(told);
  expect(end.exitCode).toBe(exitCode);
  expect(await readdir(cwd)).toEqual([]);
});
