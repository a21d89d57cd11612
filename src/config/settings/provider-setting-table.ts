import { z } from 'zod';
import { contentEncryptions, oneOf, text } from '../job-file/setting-schemas.ts';
import { setting } from './setting.ts';

/** Settings of the provider; `provider: sandbox` replaces them all. */
export const providerSettings = {
  name: setting({
    help: 'part of the key of every record; without it the address and the ASP id',
    example: 'konaplate',
    written: text(
      'a name of at most 200 characters, other than sandbox',
      /^(?!sandbox$)\S(?:[^\p{C}]{0,198}\S)?$/u,
    ).optional(),
    kept: { name: z.string().nullable() },
    keep: (name) => ({ name: name ?? null }),
  }),
  baseUrl: setting({
    help: 'address of the provider',
    environment: 'KONA_BASE_URL',
    example: 'https://provider.example',
    written: text('the URL of the provider').optional(),
    kept: { baseUrl: z.url() },
    keep: (baseUrl) => ({ baseUrl: baseUrl ?? '' }),
  }),
  encryption: setting({
    help: 'off: bodies are sent unencrypted, for tests only',
    written: oneOf(['required', 'off']).prefault('required'),
    kept: { encryption: z.enum(['required', 'off']) },
    keep: (encryption) => ({ encryption }),
  }),
  contentEncryption: setting({
    help: 'how bodies are encrypted; the key is always wrapped with RSA-OAEP-256',
    written: oneOf(contentEncryptions).prefault('A128GCM'),
    kept: { contentEncryption: z.enum(contentEncryptions).default('A128GCM') },
    keep: (contentEncryption) => ({ contentEncryption }),
  }),
  timeZone: setting({
    help: 'zone of the times in a call: KST, or the value of the variable',
    environment: 'KONA_TIME_ZONE',
    example: 'KST',
    written: oneOf(['KST', 'UTC']).optional(),
    kept: { timeZone: z.enum(['KST', 'UTC']) },
    keep: (timeZone) => ({ timeZone: timeZone ?? 'KST' }),
  }),
  correlationEcho: setting({
    help: 'ignore: a gateway on the way puts its own correlation ids on answers',
    written: oneOf(['check', 'ignore']).prefault('check'),
    kept: { correlationEcho: z.enum(['check', 'ignore']).default('check') },
    keep: (correlationEcho) => ({ correlationEcho }),
  }),
};
