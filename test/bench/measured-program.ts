// The real program, which tells what its dispatch took: from the first claim to the last outcome that is durable. What
// comes before (start, list, plan) and after (totals, report) is not in it. KONA_BENCH_RECORDS is how many there are.
import { runProgram } from '../../src/cli/program.ts';
import { tellCost, type Cost } from './cost.ts';
import { cpuOfServer, findServer } from './database-cpu.ts';

const records = Number(process.env['KONA_BENCH_RECORDS']);
const ledger = process.env['DATABASE_URL'] ?? '';
const server = ledger.startsWith('embedded:') ? null : await findServer(ledger);
const costNow = (): Cost => ({
  ms: performance.now(),
  cpu: process.cpuUsage(),
  databaseCpu: server === null ? 0 : cpuOfServer(server),
});
let began: Cost | null = null;
let ended: Cost | null = null;
let recorded = 0;

process.on('exit', () => {
  if (began !== null && ended !== null) tellCost(began, ended, recorded);
});

await runProgram({
  signals: {
    reached: (point) => {
      if (point === 'claimed') began ??= costNow();
      if (point !== 'recorded') return;
      recorded += 1;
      if (recorded === records) ended = costNow();
    },
  },
});
