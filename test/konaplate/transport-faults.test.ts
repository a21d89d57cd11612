import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import type { SentCall } from '../../src/konaplate/provider-client.ts';
import { createTestClient, register } from './client-world.ts';
import type { Fault } from './fault.ts';
import { noAnswer } from './faults-no-answer.ts';
import { notSent } from './faults-not-sent.ts';

/** The call that breaks, made once; the fault's own world is gone afterwards, and saw what it should have seen. */
async function provoke(fault: Fault, bytesLeft: () => void): Promise<SentCall> {
  const world = await fault.open();
  const client = createTestClient(world.baseUrl, {
    timeoutMs: fault.timeoutMs ?? 5_000,
    ...(world.transport === undefined ? {} : { transport: world.transport }),
  });
  try {
    return fault.send === undefined
      ? await register(client, { bytesLeft, answered: refuse })
      : await fault.send(client);
  } finally {
    await client.close();
    await world.close();
  }
}

function refuse(): never {
  throw new Error('this signal must not come');
}

function expectToName(error: string, codes: readonly string[]): void {
  expect({ error, named: codes.some((code) => error.includes(code)) }).toEqual({ error, named: true });
}

describe.concurrent('surely not sent', () => {
  test.each(notSent.map((fault) => [fault.what, fault] as const))('%s', async (_what, fault) => {
    const { reply, sentAt, bytesLeftMonotonic, serverDate } = await provoke(fault, refuse);
    expect({ kind: reply.kind, sentAt, bytesLeftMonotonic, serverDate }).toEqual({
      kind: 'not_sent',
      sentAt: null,
      bytesLeftMonotonic: null,
      serverDate: null,
    });
    expectToName('error' in reply ? reply.error : '', fault.codes);
  });
});

describe('maybe processed', () => {
  test.each(noAnswer.map((fault) => [fault.what, fault] as const))('%s', async (_what, fault) => {
    let left = 0;
    const { reply, sentAt, latencyMs } = await provoke(fault, () => (left += 1));
    expect(reply).toMatchObject({ kind: 'no_answer', httpStatus: fault.httpStatus });
    expectToName('error' in reply ? reply.error : '', fault.codes);
    expect(sentAt).not.toBeNull();
    expect(left).toBe(1);
    expect(latencyMs).toBeLessThan(3_000);
  });
});

/** Why no test here brings these about. Whatever its code, an error is judged by whether writing had begun. */
const notProduced: Readonly<Record<string, string>> = {
  UND_ERR: 'the base class of the others',
  UND_ERR_ABORT: 'the base class of UND_ERR_ABORTED',
  UND_ERR_ABORTED: 'the reason of an abort without one; ours have one, and the call is over by then',
  UND_ERR_INFO: 'how undici closes idle and used-up connections; none of them carries a call',
  UND_ERR_HEADERS_TIMEOUT: 'switched off: the deadline is ours',
  UND_ERR_BODY_TIMEOUT: 'switched off: the deadline is ours',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'no maxResponseSize: the cap is ours, see answers.test.ts',
  UND_ERR_INVALID_RETURN_VALUE: 'of stream() and pipeline(); we call dispatch()',
  UND_ERR_BPL_MISSING_UPSTREAM: 'of BalancedPool',
  UND_ERR_REQ_RETRY: 'of RetryAgent: nothing below our one loop may send again',
  UND_ERR_RESPONSE: 'of an interceptor we do not use',
  UND_ERR_REDIRECT_MAX: 'of an interceptor we do not use: redirects are never followed',
  UND_ERR_PRX_TLS: 'of ProxyAgent; the tunnel is ours and says proxy_…',
  UND_ERR_PRX_CONN: 'of ProxyAgent; the tunnel is ours and says proxy_…',
  UND_ERR_SOCKS5: 'of Socks5ProxyAgent: such a proxy is refused in the configuration',
  UND_ERR_MAX_ORIGINS_REACHED: 'of Agent; a pool has one origin',
  UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: 'of WebSocket',
  ERR_WEBASSEMBLY_NOT_SUPPORTED: 'Node has it',
  ENOTFOUND: 'either this or EAI_AGAIN is produced: the machine’s resolver decides',
  EAI_AGAIN: 'either this or ENOTFOUND is produced: the machine’s resolver decides',
  ETIMEDOUT: 'the system gives up after minutes; all our own time-outs are shorter',
  EHOSTUNREACH: 'the machine’s routes decide; it ends connecting as ECONNREFUSED does',
  ENETUNREACH: 'the machine’s routes decide; it ends connecting as ECONNREFUSED does',
  EMFILE: 'would hit the tests too; it ends connecting as ECONNREFUSED does',
};

/** What a socket or TLS can say, as far as it is usual. */
const ofTheSystem = `
  ECONNREFUSED ENOTFOUND EAI_AGAIN ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH
  ENETUNREACH EMFILE EPROTO CERT_HAS_EXPIRED CERT_NOT_YET_VALID INVALID_PURPOSE
  DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE
  ERR_TLS_CERT_ALTNAME_INVALID ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION
`
  .trim()
  .split(/\s+/);

const ofOurs = ['deadline', 'proxy_failed', 'proxy_status'];

/** The code of each error class undici exports, or its name where it has no code of its own. */
function codesOfUndici(): readonly string[] {
  return Object.values(errors).map((Class) => {
    const make = Class as unknown as new (message: string, code: undefined, options: object) => Error;
    const error = new make('', undefined, {});
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  });
}

describe('every error there is', () => {
  const certain = [...notSent, ...noAnswer].flatMap(({ codes }) => (codes.length === 1 ? codes : []));
  const all = [...codesOfUndici(), ...ofTheSystem, ...ofOurs];

  test.each([...new Set(all)])('%s is produced, or it is said why not', (code) => {
    const isProduced = certain.some((text) => text.includes(code) && !text.includes(`${code}_`));
    expect({ isProduced, isExcused: code in notProduced }).toEqual({
      isProduced,
      isExcused: !isProduced,
    });
  });

  test('undici has a list of them, and nothing is excused that does not exist', () => {
    expect(codesOfUndici().length).toBeGreaterThan(25);
    expect(Object.keys(notProduced).filter((code) => !all.includes(code))).toEqual([]);
  });
});
