// Preloaded into the program: tells its peak memory in KiB, and its CPU in milliseconds, as the last line of stderr.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(2, `\npeak ${maxRSS} cpu ${Math.round((userCPUTime + systemCPUTime) / 1000)}\n`);
});
