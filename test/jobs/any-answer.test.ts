import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const RECORDS = 200;

/** Any bytes at all; any body behind a head that is right; any JSON; and words that look like success and are none. */
function anyAnswers(seed: number): readonly Buffer[] {
  const whole = (status: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
  const status = fc.constantFrom(
    200,
    201,
    204,
    206,
    226,
    299,
    400,
    402,
    408,
    409,
    410,
    422,
    451,
    499,
    500,
    503,
    599,
  );
  const nearly = fc.constantFrom(
    '{"response":{"code":"000_000"',
    '{"response":{"code":000000}}',
    '{"response":{"code":"000_0000"}}',
    '[{"response":{"code":"000_000"}}]',
    '{"response":"000_000"}',
    '000_000',
    '{"encData":"000_000"}',
    '{"response":{"code":"000_000"}} trailing',
  );
  const answer = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(status, fc.uint8Array({ maxLength: 200 }))
      .map(([code, bytes]) => whole(code, Buffer.from(bytes))),
    fc.tuple(status, fc.json()).map(([code, text]) => whole(code, Buffer.from(text))),
    fc.tuple(status, nearly).map(([code, text]) => whole(code, Buffer.from(text))),
  );
  return fc.sample(answer, { numRuns: RECORDS, seed });
}

/** Writes one of the answers for each request and closes; every tenth is a documented refusal. */
async function startProviderOfAnything(answers: readonly Buffer[]) {
  const refusal = '{"response":{"code":"007_031","description":"Bank account"}}';
  let calls = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      calls += 1;
      const isRefusal = calls % 10 === 0;
      const head = `HTTP/1.1 400 X\r\nContent-Length: ${refusal.length}\r\n\r\n`;
      socket.end(isRefusal ? head + refusal : (answers[calls % answers.length] ?? ''));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test('any bytes as an answer: the run comes to its end, its totals agree, and nothing is a success', async () => {
  const seed = Date.now();
  await using provider = await startProviderOfAnything(anyAnswers(seed));
  await using world = await createWorld({
    engine: embeddedEngine,
    job: [
      'limits: { rate: 1000/s, concurrency: 4, timeout: 2s }',
      'retry: { attempts: 1, backoff: 1ms..1ms }',
      // Nearly all fail, and are meant to.
      'guards: { canary: 0, maxFailures: 100%, maxUnknownCodes: 1000 }',
    ].join('\n'),
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const env = { ...world.env, KONA_BASE_URL: provider.baseUrl };
  const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], { ...world, env }));
  const names = Object.keys(classesOf(summary));
  // The seed is told where it fails: with it the same answers come again.
  expect([seed, names.filter((name) => !/^(ambiguous|action_required|unknown_code)$/.test(name))]).toEqual([
    seed,
    [],
  ]);
  expect([seed, summary.exitCode, summary.calls]).toEqual([seed, 4, RECORDS]);
});
