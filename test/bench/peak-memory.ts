// Preloaded into the program: tells its peak memory, in KiB, as the last line of stderr.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  writeSync(2, `\npeak ${process.resourceUsage().maxRSS}\n`);
});
