import { resourceUsage } from 'node:process';
import { ListRefusedError } from '../../../src/intake/list-errors.ts';
import { openFile } from '../list-folder.ts';

/** Reads the list named on the command line; prints how it ended and how much more memory that took at its peak. */
const before = resourceUsage().maxRSS;
const end = await read(process.argv[2] ?? '');
const grownMiB = Math.round((resourceUsage().maxRSS - before) / 1024);
process.stdout.write(JSON.stringify({ end, grownMiB }));

async function read(path: string): Promise<string> {
  try {
    let rows = 0;
    const list = await openFile(path);
    for await (const set of list.rows()) rows += set.length;
    return `read ${rows}`;
  } catch (error) {
    if (error instanceof ListRefusedError) return `refused ${error.reason}`;
    throw error;
  }
}
