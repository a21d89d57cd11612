import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { Parser } from 'csv-parse';

/** csv-parse alone, which counts the records of a file. */
export interface ParserAlone extends AsyncDisposable {
  count(path: string): Promise<number>;
}

/**
 * Starts it on a thread of its own: in one V8 with our reader, which gives the parser other comparisons, neither is
 * compiled as well as it is alone.
 */
export function startParserAlone(): ParserAlone {
  const worker = new Worker(new URL(import.meta.url));
  return {
    count: async (path) =>
      await new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', (records: number) => {
          worker.off('error', reject);
          resolve(records);
        });
        worker.postMessage(path, []);
      }),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

async function countRecords(path: string): Promise<number> {
  const parser = new Parser({});
  let records = 0;
  parser.on('data', () => {
    records += 1;
  });
  createReadStream(path).pipe(parser);
  await finished(parser);
  return records;
}

function answer(port: MessagePort): void {
  port.on('message', (path: string) => {
    void countRecords(path).then((records) => {
      port.postMessage(records);
    });
  });
}

if (parentPort !== null) answer(parentPort);
