// The process in which `serve` reads uploaded lists (commands/serve/reading-process.ts). Its parent tells it everything,
// and it ends with its parent.
import { useCompileCache } from './compile-cache.ts';
import type { UnreadUpload } from '../ledger/desk/upload-plans.ts';
import type { ReadingReply, ReadingRequest } from './commands/serve/reading-messages.ts';
import type { Output } from './host.ts';

/** The parent writes what is told here, which keeps secrets out of it. */
const stderr: Output = {
  isTerminal: false,
  columns: 0,
  write: (text) => {
    reply({ kind: 'told', text });
  },
  draw: (text) => {
    reply({ kind: 'told', text });
  },
};

useCompileCache(process.env);
const loaded = import('./commands/serve/read-upload.ts');
let readUpload: ((upload: UnreadUpload) => Promise<ReadingReply>) | null = null;

process.on('disconnect', () => {
  process.exit();
});
process.on('message', (request: ReadingRequest) => {
  void answer(request);
});

async function answer(request: ReadingRequest): Promise<void> {
  const { openReading } = await loaded;
  if (request.kind === 'orders') readUpload = openReading({ env: process.env, stderr }, request.orders);
  else if (readUpload !== null) reply(await readUpload(request.upload));
}

function reply(message: ReadingReply): void {
  process.send?.(message);
}
