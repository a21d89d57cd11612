// Reads the workbook named by its argument and prints what came of it, and by how many bytes memory grew at most.
import { ListRefusedError } from '../../../src/intake/list-errors.ts';
import { openXlsxTable } from '../../../src/intake/xlsx/xlsx-table.ts';

const before = process.resourceUsage().maxRSS;
const outcome = await read(process.argv[2] ?? '');
const grownBytes = (process.resourceUsage().maxRSS - before) * 1024;
console.log(JSON.stringify({ ...outcome, grownBytes }));

async function read(path: string) {
  let records = 0;
  try {
    const table = await openXlsxTable(path, { sheet: null });
    for await (const set of table.records({ onBytes: () => undefined })) records += set.length;
    return { records };
  } catch (error) {
    if (error instanceof ListRefusedError) return { reason: error.reason, message: error.message };
    throw error;
  }
}
