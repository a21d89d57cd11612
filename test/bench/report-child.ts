// Started by report-bench.ts: writes the run folder of run 1 of a ledger, and says how long it took and its peak memory.
import { systemClock } from '../../src/cli/system-clock.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';

const [url = '', runNo = '', reportsDirectory = ''] = process.argv.slice(2);
const ledger = await openLedger({ kind: 'server', url });
const began = performance.now();
const { warnings } = await writeRunFolder({
  ledger,
  runNo: Number(runNo),
  reportsDirectory,
  state: 'complete',
  totalsAgree: true,
  language: 'ko',
  me: { user: 'bench', host: 'here', pid: process.pid },
  clock: systemClock,
  signals: silentSignals,
});
const seconds = (performance.now() - began) / 1000;
await ledger.close();
console.log(
  JSON.stringify({ seconds, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024), warnings }),
);
