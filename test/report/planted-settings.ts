import type { RunSettings } from '../../src/config/run-settings.ts';

/** What a planted run ran under: three nights, a report in English. */
export const plantedSettings: RunSettings = {
  version: 1,
  job: 'nightly',
  list: {
    source: { kind: 'csv', path: 'members.csv' },
    encoding: 'auto',
    header: 'auto',
    columns: { userId: 'auto', par: 'auto' },
    idsMayEndInZeros: false,
    cardsPerMember: 20,
    mayEndWithoutLineEnd: false,
  },
  provider: {
    kind: 'konaplate',
    name: 'provider-a',
    baseUrl: 'https://provider-a.example/',
    timeZone: 'KST',
    encryption: 'required',
    contentEncryption: 'A128GCM',
    correlationEcho: 'check',
  },
  providerName: 'provider-a',
  limits: {
    rates: [{ count: 20, windowMs: 1_000, unit: 's' }],
    burst: 1,
    concurrency: 16,
    timeoutMs: 10_000,
    adaptive: true,
    maxCalls: null,
  },
  retry: { attempts: 5, backoffMinMs: 1_000, backoffMaxMs: 60_000, nights: 3 },
  verify: { enabled: false, encryption: null },
  timeZone: 'Asia/Seoul',
  windows: { blackout: [], stopAt: null },
  outcomes: {},
  guards: {
    canary: 20,
    maxFailures: { kind: 'share', percent: 5 },
    maxUnknownCodes: 20,
    newlyFailingPercent: 10,
    listSizePercent: 50,
  },
  report: { directory: 'runs', language: 'en', keepMs: 90 * 86_400_000 },
};
