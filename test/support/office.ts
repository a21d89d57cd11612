import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { findOutsideTool } from '../../tools/outside-tools.ts';

const run = promisify(execFile);

const office = findOutsideTool('LibreOffice');

export const officeIsMissing = office === undefined;

/** Every sheet of a workbook, by its name, as LibreOffice shows it: a table of cells. */
export async function readByOffice(workbook: string): Promise<Record<string, string[][]>> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-office-'));
  try {
    // Comma, double quote, UTF-8, from row 1, cells as they are shown, every sheet in a file of its own.
    await convert(
      workbook,
      'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1',
      folder,
    );
    const names = (await readdir(folder)).filter((name) => name.endsWith('.csv')).toSorted();
    const tables = names.map(async (name) => [
      name.replace(/^[^-]*-|\.csv$/g, ''),
      parse(await readFile(join(folder, name)), { bom: true, relax_column_count: true }),
    ]);
    return Object.fromEntries(await Promise.all(tables)) as Record<string, string[][]>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A profile of its own, so that no other LibreOffice of this account is in the way. */
async function convert(workbook: string, target: string, folder: string): Promise<void> {
  const profile = pathToFileURL(join(folder, 'profile')).href;
  await run(
    office ?? 'soffice',
    [`-env:UserInstallation=${profile}`, '--headless', '--convert-to', target, '--outdir', folder, workbook],
    { timeout: 120_000 },
  );
}
