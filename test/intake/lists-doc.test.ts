import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rejectionReasons } from '../../src/domain/rejection/rejection.ts';
import { normalisations } from '../../src/intake/rows/id-cell.ts';
import { glosses, parField, userIdField } from '../../src/intake/header/column-names.ts';

const lines = readFileSync(new URL('../../docs/lists.md', import.meta.url), 'utf8').split('\n');

/** The rows of the table with this header, as cells without their code marks. */
function table(header: string): string[][] {
  const start = lines.indexOf(header);
  expect(start).toBeGreaterThan(0);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  }
  return rows;
}

test('docs/lists.md names every reason, everything put right, and every header name', () => {
  expect(table('| code | why |').map(([code]) => code)).toEqual([...rejectionReasons]);
  expect(table('| kind | what |').map(([kind]) => kind)).toEqual([...normalisations]);
  const named = Object.fromEntries(
    table('| column | names |').map(([column = '', names = '']) => [column, names.split(', ')]),
  );
  expect(named).toEqual({ userId: userIdField.names, par: parField.names });
  const short = Object.fromEntries(
    table('| column | short names |').map(([column = '', names = '']) => [column, names.split(', ')]),
  );
  expect(short).toEqual({ userId: userIdField.shortNames, par: parField.shortNames });
  expect(lines.join(' ')).toContain(`(${glosses.map((gloss) => `\`${gloss}\``).join(', ')}, \`*\`)`);
});
