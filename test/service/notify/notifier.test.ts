import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Secret } from '../../../src/config/secret.ts';
import { noticeSchema } from '../../../src/service/notify/notice.ts';
import { Notifier } from '../../../src/service/notify/notifier.ts';
import { listenForCalls, type ListeningPlace } from '../../support/notified-places.ts';
import { createStubClock } from '../../support/stub-clock.ts';

function createNotifier(place: ListeningPlace, proxy: string | null = null) {
  const clock = createStubClock();
  const warnings: string[] = [];
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const notifier = new Notifier({
    notify: {
      ping: null,
      slack: null,
      webhook: { url: new Secret(place.url), proxy: proxy === null ? null : new Secret(proxy) },
      mail: null,
      when: 'change',
    },
    job: 'nightly',
    provider: 'kona',
    host: 'batch-1',
    language: 'ko',
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    warn: (sentence) => void warnings.push(sentence),
  });
  return { notifier, clock, warnings, logged };
}

const refused = {
  exitCode: 5,
  exitCause: 'list_refused',
  reason: 'list.csv:3: the id 9007199254740993000 was rounded',
  results: [],
} as const;

test('a place that takes a message and says nothing is given ten seconds', async () => {
  await using place = await listenForCalls();
  place.status = 0;
  const { notifier, clock, warnings, logged } = createNotifier(place);
  const called = place.called();
  const over = notifier.ended(null, refused);
  await called;
  await clock.advance(10_000);
  await over;
  expect(warnings).toEqual([
    'notify.webhook could not be notified: no answer within 10 s; the run itself is not affected',
  ]);
  expect(logged).toEqual(['a notification was not delivered']);
});

test('a proxy that takes the call and says nothing is given no longer', async () => {
  await using place = await listenForCalls();
  await using proxy = await listenForCalls();
  proxy.status = 0;
  const { notifier, clock, warnings } = createNotifier(place, new URL(proxy.url).origin);
  const over = notifier.ended(null, refused);
  await proxy.connected;
  await clock.advance(10_000);
  await over;
  expect(warnings).toEqual([expect.stringContaining('no answer within 10 s')]);
  expect(place.heard).toEqual([]);
});

test('it is told once, however often it ends, and no id stands in it', async () => {
  await using place = await listenForCalls();
  const { notifier } = createNotifier(place);
  await notifier.ended(null, refused);
  await notifier.ended(null, refused);
  expect(place.heard).toHaveLength(1);
  const notice = noticeSchema.parse(JSON.parse(place.heard[0]?.body ?? ''));
  expect(notice.exitReason).toBe('list.csv:3: the id 90*************3000 was rounded');
});

test('the JSON Schema is published as docs/notification.schema.json (vitest -u writes it)', async () => {
  const schema = { ...z.toJSONSchema(noticeSchema, { io: 'input' }), title: 'kona-enroll notification' };
  const style = await resolveConfig('docs/notification.schema.json');
  const text = await format(JSON.stringify(schema), { ...style, parser: 'json' });
  await expect(text).toMatchFileSnapshot('../../../docs/notification.schema.json');
});
