import { createHmac } from 'node:crypto';
import { request as openRequest, Agent } from 'node:http';
import { sandboxCredentials } from '../../src/sandbox/provider/credentials.ts';

/** A request as header lines and bytes, so that a test can spoil any of it. */
export interface RawCall {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Default `register`. */
  readonly kind?: 'register' | 'plans';
}

export type RawReply =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly code: string | null;
      readonly reason: string | null;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
    }
  | { readonly kind: 'broken'; readonly error: string; readonly status: number | null };

export const somePar = 'Q1A0B1C2D3E4F5A6B7C8D9E0F1A';
export const otherPar = 'Q100000000000000000000000Z9';

let lastNumber = 0;

/** `tokenTime` is `yyyyMMddHHmmssSSS` in the zone. */
export function tokenTimeOf(instant: Date, zone: 'KST' | 'UTC'): string {
  const ahead = zone === 'KST' ? 9 * 3_600_000 : 0;
  return new Date(instant.getTime() + ahead).toISOString().replace(/\D/g, '');
}

export function sign(tokenTime: string, body: string, secretKey: string): string {
  return `KMV1:${tokenTime}:${createHmac('sha256', secretKey).update(body).digest('base64')}`;
}

export function plainBody(userId: string, par: string): string {
  return `{"userId":${userId},"par":"${par}"}`;
}

/** A call that a correct client would make now, with a correlation id of its own. */
export function signedCall(
  body: string,
  at: { readonly tokenTime?: string; readonly zone?: 'KST' | 'UTC'; readonly instant?: Date } = {},
): RawCall {
  const zone = at.zone ?? 'KST';
  const tokenTime = at.tokenTime ?? tokenTimeOf(at.instant ?? new Date(), zone);
  lastNumber += 1;
  return {
    headers: [
      ['X-KM-User-AspId', sandboxCredentials.aspId],
      ['X-KM-Correlation-Id', `${tokenTime.slice(2, 14)}-${lastNumber.toString(16).padStart(7, '0')}`],
      ['X-KM-Access-Key', sandboxCredentials.accessKey],
      ['X-KM-Tran-Token', sign(tokenTime, body, sandboxCredentials.secretKey)],
      ['X-KM-Tran-Time', tokenTime.slice(0, 14)],
      ['X-KM-Time-Zone', zone],
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json'],
    ],
    body,
  };
}

export function registerCall(userId: string, par: string): RawCall {
  return signedCall(plainBody(userId, par));
}

export function plansCall(userId: string, at?: Parameters<typeof signedCall>[1]): RawCall {
  return { ...signedCall(`{"userId":${userId}}`, at), kind: 'plans' };
}

/** Replaces one header's value; null leaves the header out. */
export function withHeader(call: RawCall, name: string, value: string | null): RawCall {
  const others = call.headers.filter(([header]) => header !== name);
  return { ...call, headers: value === null ? others : [...others, [name, value]] };
}

export async function sendCall(baseUrl: string, call: RawCall, signal?: AbortSignal): Promise<RawReply> {
  const agent = new Agent({ keepAlive: false });
  return await new Promise<RawReply>((resolve) => {
    const sent = openRequest(`${baseUrl}/api/v1/recharges/auto/payments/${call.kind ?? 'register'}`, {
      method: 'POST',
      agent,
      headers: [
        ...call.headers.flat(),
        'Host',
        new URL(baseUrl).host,
        'Content-Length',
        String(Buffer.byteLength(call.body)),
      ],
      ...(signal === undefined ? {} : { signal }),
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: 'broken', error: error.code ?? error.name, status: null });
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ kind: 'broken', error: error.code ?? error.name, status: response.statusCode ?? null });
      });
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const reason = response.headers['x-sandbox-reason'];
        resolve({
          kind: 'whole',
          status: response.statusCode ?? 0,
          code: /"code":"([^"]*)"/.exec(text)?.[1] ?? null,
          reason: typeof reason === 'string' ? reason : null,
          headers: response.headers,
          text,
        });
      });
    });
    sent.end(call.body);
  });
}

/** Sends and gives what most tests look at: the code, or how it broke. */
export async function askCode(baseUrl: string, userId: string, par: string): Promise<string> {
  const reply = await sendCall(baseUrl, registerCall(userId, par));
  if (reply.kind === 'broken') return `broken ${reply.error}`;
  return reply.code ?? String(reply.status);
}
