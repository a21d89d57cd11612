import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { rowClasses } from '../../src/domain/class.ts';
import { summarySchema } from '../../src/report/summary.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { openReportWorld, par, readJson } from './report-world.ts';

/** As it is published; later versions may add keys. */
function summaryJsonSchema() {
  return { ...z.toJSONSchema(summarySchema, { io: 'input' }), title: 'kona-enroll summary.json' };
}

test('the JSON Schema is published as docs/summary.schema.json (vitest -u writes it)', async () => {
  const style = await resolveConfig('docs/summary.schema.json');
  const text = await format(JSON.stringify(summaryJsonSchema()), { ...style, parser: 'json' });
  await expect(text).toMatchFileSnapshot('../../docs/summary.schema.json');
});

test('a summary is as the published schema says, and a false one is not', async () => {
  const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const, attempts: 1 }];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const schema = z.fromJSONSchema(summaryJsonSchema());
  const summary = await readJson(world.runFolder, 'summary.json');
  expect(schema.safeParse(summary).error).toBeUndefined();
  expect(schema.safeParse({ ...Object(summary), exitCode: '3' }).success).toBe(false);
  expect(schema.safeParse({ ...Object(summary), calls: undefined }).success).toBe(false);
  expect(schema.safeParse({ ...Object(summary), classes: { enrolled: -1 } }).success).toBe(false);
  expect(schema.safeParse({ ...Object(summary), classes: { lost: 1 } }).success).toBe(false);
});

test('every class is required by the schema', () => {
  expect(summaryJsonSchema()).toMatchObject({ properties: { classes: { required: [...rowClasses] } } });
});
