import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { manifestSchema } from '../../src/report/folder/manifest.ts';
import { purgeFolder } from '../../src/report/folder/purged-folder.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { openReportWorld, par, readJson } from './report-world.ts';

/** As it is published; later versions may add keys. */
function manifestJsonSchema() {
  return { ...z.toJSONSchema(manifestSchema, { io: 'input' }), title: 'kona-enroll manifest.json' };
}

test('the JSON Schema is published as docs/manifest.schema.json (vitest -u writes it)', async () => {
  const style = await resolveConfig('docs/manifest.schema.json');
  const text = await format(JSON.stringify(manifestJsonSchema()), { ...style, parser: 'json' });
  await expect(text).toMatchFileSnapshot('../../docs/manifest.schema.json');
});

test('a manifest is as the published schema says, also after a purge, and a false one is not', async () => {
  const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const, attempts: 1 }];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const schema = z.fromJSONSchema(manifestJsonSchema());
  const manifest = await readJson(world.runFolder, 'manifest.json');
  expect(schema.safeParse(manifest).error).toBeUndefined();
  await purgeFolder(world.runFolder, new Date('2027-02-22T00:00:00.000Z'), async () => undefined);
  const purged = await readJson(world.runFolder, 'manifest.json');
  expect(JSON.stringify(purged)).toContain('purgedAt');
  expect(schema.safeParse(purged).error).toBeUndefined();
  expect(schema.safeParse({ ...Object(manifest), generatedAt: 'today' }).success).toBe(false);
  expect(schema.safeParse({ ...Object(manifest), files: [{ name: 'results.csv' }] }).success).toBe(false);
});
