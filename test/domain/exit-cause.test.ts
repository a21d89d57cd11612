import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  endBy,
  exitCauses,
  exitCodeOfCause,
  meaningOf,
  urgencies,
  worstEnd,
} from '../../src/domain/exit-cause.ts';
import { exitCodes, type ExitCode } from '../../src/domain/exit-code.ts';
import { readPage } from '../support/readme.ts';

const page = readFileSync(new URL('../../docs/exit-causes.md', import.meta.url), 'utf8');

/** The contract's list, in its order: which causes belong to which codes. */
const contract: readonly (readonly [readonly ExitCode[], readonly string[]])[] = [
  [[0], ['done', 'nothing_due', 'empty_list']],
  [[2], ['usage']],
  [[3], ['not_enrolled']],
  [[4], ['unclear']],
  [[5], ['list_refused']],
  [
    [6],
    [
      'limit',
      'stop_at',
      'max_calls',
      'day_limit',
      'canary',
      'max_failures',
      'unknown_codes',
      'newly_failing',
      'clock',
    ],
  ],
  [[7], ['credentials', 'wrong_setup', 'wrong_address', 'provider_silent', 'throttled']],
  [[8], ['ledger_gone', 'source_gone', 'folder', 'held', 'overtaken']],
  [[130, 143], ['signal']],
  [[9], ['totals']],
  [[1], ['bug']],
];

describe('exit causes', () => {
  test('are the closed list of the contract, each of its code', () => {
    const listed = contract.flatMap(([codes, causes]) => causes.map((name) => [name, codes]));
    expect(exitCauses.map((name) => [name, meaningOf(name).codes])).toEqual(listed);
  });

  test('every exit code has a cause', () => {
    const codes = new Set(exitCauses.flatMap((name) => meaningOf(name).codes));
    expect([...codes].toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
  });

  test('an end has the code of its cause', () => {
    expect(endBy('stop_at', 'It is late.')).toEqual({
      exitCode: 6,
      exitCause: 'stop_at',
      reason: 'It is late.',
    });
    expect(exitCodeOfCause('totals')).toBe(9);
  });

  test('of several the worst code, with the cause among its own that can wait least', () => {
    const ends = [endBy('done', ''), endBy('limit', ''), endBy('canary', ''), endBy('not_enrolled', '')];
    expect(worstEnd(ends)).toEqual({ exitCode: 6, exitCause: 'canary' });
    expect(worstEnd([endBy('nothing_due', ''), endBy('done', '')])).toEqual({
      exitCode: 0,
      exitCause: 'nothing_due',
    });
    expect(worstEnd([])).toEqual({ exitCode: 0, exitCause: 'done' });
  });

  test('docs/exit-causes.md is the same table: codes, urgency, who acts', () => {
    const rows = [...page.matchAll(/^\| ([\d, ]+) \| `(\w+)` \| (\w+) \| ([\w ]+) \| (.+) \|$/gm)];
    const shown = rows.map(([, codes, name, when, who]) => [codes, name, when, who]);
    expect(shown).toEqual(
      exitCauses.map((name) => {
        const { codes, urgency, actor } = meaningOf(name);
        return [codes.join(', '), name, urgency, actor.replace('_', ' ')];
      }),
    );
    for (const urgency of urgencies) expect(page).toContain(`\`${urgency}\`: `);
  });

  test('the runbook of docs/operations.md says of each cause what to do, and when, as the table has it', () => {
    const rows = readPage('docs/operations.md').table('Runbook', ['cause', 'when', 'look first', 'then']);
    expect(rows.map(([name, when]) => [name, when])).toEqual(
      exitCauses.map((name) => [name, meaningOf(name).urgency]),
    );
    const forSomebody = rows.filter(([, when]) => when === 'today' || when === 'wake');
    const saysNothing = ([, , look = '', then = '']: readonly string[]): boolean =>
      look.length < 4 || then.length < 4;
    expect(forSomebody.length).toBeGreaterThan(10);
    expect(forSomebody.filter(saysNothing)).toEqual([]);
  });

  test('where nobody has to act it may wait, and what can’t wait names somebody', () => {
    for (const name of exitCauses) {
      const { urgency, actor } = meaningOf(name);
      const mayWait = urgency === 'nothing' || urgency === 'tomorrow';
      expect([name, actor === 'nobody']).toEqual([name, mayWait]);
    }
  });
});
