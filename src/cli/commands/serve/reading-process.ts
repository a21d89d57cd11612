import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../config/package-files.ts';
import { ReadingEndedError, type UploadReader } from '../../../desk/uploads/upload-reader.ts';
import type { UnreadUpload } from '../../../ledger/desk/upload-plans.ts';
import type { Host } from '../../host.ts';
import { memoryEnvironment, memoryFlags } from '../../memory-flags.ts';
import type { ReadingOrders, ReadingReply, ReadingRequest } from './reading-messages.ts';

/** The limit lets a list that would fill the machine's memory end the process that reads it, and no other. */
const READING_FLAGS = [...memoryFlags, '--max-old-space-size=512'];

const program = fileURLToPath(
  packageFile(import.meta.filename.endsWith('.js') ? 'dist/cli/read-uploads.js' : 'src/cli/read-uploads.ts'),
);

/**
 * Reads uploads in a process of its own, so that runs and pages of this process never wait for it. The system gives it
 * what others leave of the processors. It is started for the first upload and ended when none is left; it ends by
 * itself when this process is gone.
 */
export class ReadingProcess implements UploadReader {
  private readonly host: Pick<Host, 'env' | 'cwd' | 'stderr'>;
  private readonly orders: ReadingOrders;
  private child: ChildProcess | null = null;

  constructor(host: Pick<Host, 'env' | 'cwd' | 'stderr'>, orders: ReadingOrders) {
    this.host = host;
    this.orders = orders;
  }

  async read(upload: UnreadUpload): Promise<void> {
    const child = (this.child ??= this.start());
    const stopListening = new AbortController();
    try {
      const answer = answerOf(child, stopListening.signal);
      const ended = endOf(child, stopListening.signal);
      send(child, { kind: 'read', upload });
      const reply = await Promise.race([answer, ended]);
      if (reply.kind === 'failed') throw new Error(reply.message);
    } catch (error) {
      if (error instanceof ReadingEndedError) this.child = null;
      throw error;
    } finally {
      stopListening.abort();
    }
  }

  rest(): void {
    this.child?.kill();
    this.child = null;
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const exit = once(child, 'exit');
    this.rest();
    await exit;
  }

  private start(): ChildProcess {
    const { env, cwd } = this.host;
    const child = fork(program, [], {
      cwd,
      env: { ...memoryEnvironment, ...env },
      execArgv: READING_FLAGS,
      serialization: 'json',
    });
    // A failure to start is an end of the process as well.
    child.on('error', () => child.kill());
    child.on('message', (reply: ReadingReply) => {
      if (reply.kind === 'told') this.host.stderr.write(reply.text);
    });
    if (child.pid !== undefined) leaveOthersFirst(child.pid);
    send(child, { kind: 'orders', orders: this.orders });
    return child;
  }
}

/** Lowers the priority at once: threads that the process starts later inherit it. */
function leaveOthersFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process has ended already, which the reading notices.
  }
}

function send(child: ChildProcess, request: ReadingRequest): void {
  // Where the process is gone, its end tells so.
  child.send(request, () => undefined);
}

async function answerOf(
  child: ChildProcess,
  signal: AbortSignal,
): Promise<Exclude<ReadingReply, { kind: 'told' }>> {
  return await new Promise((resolve) => {
    const listen = (reply: ReadingReply): void => {
      if (reply.kind !== 'told') resolve(reply);
    };
    child.on('message', listen);
    signal.addEventListener('abort', () => child.off('message', listen));
  });
}

/** Never resolves, and rejects with ReadingEndedError when the process ends. */
async function endOf(child: ChildProcess, signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const listen = (code: number | null, by: NodeJS.Signals | null): void => {
      reject(new ReadingEndedError(by ?? `exit ${code ?? 'unknown'}`));
    };
    child.on('exit', listen);
    signal.addEventListener('abort', () => child.off('exit', listen));
  });
}
