import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { format, resolveConfig } from 'prettier';
import { JOB_NAME } from '../../src/domain/identity/run-id.ts';
import { jobFileJsonSchema, knownKeysAt } from '../../src/config/job-file/job-file-json-schema.ts';
import { jobFileSchema } from '../../src/config/job-file/job-file-schema.ts';

/** The job file of the design, word for word where it shows a value. */
const everyKey = `
job: nightly-legacy-migration
list: { csv: "inbox/*.csv", encoding: auto, header: auto, columns: { userId: auto, par: auto } }
provider: { baseUrl: https://pay.example, encryption: required, timeZone: KST }
limits: { rate: 20/s, burst: 1, concurrency: 16, timeout: 10s, adaptive: true, maxCalls: 200000 }
retry: { attempts: 5, backoff: 1s..60s, nights: 14 }
verify: { enabled: false }
windows: { blackout: ["23:30-00:30"], stopAt: "05:30", timeZone: Asia/Seoul }
guards: { canary: 20, maxFailures: 5%, maxUnknownCodes: 20 }
outcomes: { "999_999": bad_data }
report: { directory: runs, language: ko, keep: 90d }
notify: { webhook: https://hooks.example/x }
metrics: { textfile: /var/lib/node_exporter/kona_enroll.prom }
schedule: "0 1 * * *"
desk: { upload: false }
`;

function check(yaml: string) {
  return jobFileSchema.safeParse(parse(yaml));
}

function pathsOfProblems(line: string): readonly string[] {
  const result = check(`job: j\nlist: { csv: a.csv }\n${line}\n`);
  return result.success ? [] : result.error.issues.map((issue) => issue.path.join('.'));
}

test('the job file of the design is a job file, and its values are the defaults', () => {
  const written = check(everyKey);
  const short = check('job: nightly-legacy-migration\nlist: { csv: "inbox/*.csv" }\n');
  expect(written.error).toBeUndefined();
  const { limits, retry, verify, windows, guards, report, list } = written.data ?? {};
  expect(short.data).toMatchObject({ retry, verify, guards, report, list });
  expect(short.data?.limits).toEqual({ ...limits, maxCalls: undefined });
  expect(short.data?.windows).toEqual({ timeZone: windows?.timeZone });
});

describe('each range and form', () => {
  test.each([
    'limits: { rate: 0/s }',
    'limits: { rate: -1/s }',
    'limits: { rate: 20 }',
    'limits: { rate: 1.5/s }',
    'limits: { rate: 20/h }',
    'limits: { rate: "20/s, 30/s" }',
    'limits: { rate: "20/s," }',
    'limits: { concurrency: 0 }',
    'limits: { concurrency: 1001 }',
    'limits: { concurrency: "16" }',
    'limits: { concurrency: 1.5 }',
    'limits: { timeout: 10 }',
    'limits: { timeout: 99ms }',
    'limits: { timeout: 11m }',
    'limits: { adaptive: "yes" }',
    'limits: { maxCalls: 0 }',
    'retry: { attempts: 0 }',
    'retry: { attempts: 101 }',
    'retry: { backoff: 2s..1s }',
    'retry: { backoff: 2s }',
    'retry: { backoff: 1s..2h }',
    'retry: { nights: 0 }',
    'verify: { enabled: "true" }',
    'windows: { timeZone: Seoul }',
    'windows: { stopAt: "24:00" }',
    'guards: { canary: -1 }',
    'guards: { maxFailures: 101% }',
    'guards: { maxFailures: 0.5 }',
    'report: { directory: "" }',
    'report: { language: de }',
    'report: { keep: 12h }',
    'provider: { encryption: on }',
    'provider: { timeZone: JST }',
    'provider: { name: sandbox }',
    'provider: { name: "" }',
    'provider: live',
    'notify: {}',
    'notify: { when: always }',
    'notify: { ping: example.com/x }',
    'notify: { mail: { to: [], from: a@example.com } }',
    'notify: { mail: { to: [nobody], from: a@example.com } }',
    'notify: { slack: "https://hooks.example/x", when: daily }',
    'schedule: daily',
  ])('%s is refused at its key', (line) => {
    const [section] = line.split(':');
    expect(pathsOfProblems(line)).toEqual([expect.stringMatching(new RegExp(`^${section}`))]);
  });

  test.each([
    'limits: { rate: "20/s, 600/min,100000/day" }',
    'limits: { concurrency: 1000, timeout: 10m }',
    'retry: { attempts: 100, backoff: 1s..1s, nights: 1 }',
    'guards: { canary: 0, maxFailures: 100% }',
    'guards: { maxFailures: 250 }',
    'windows: { timeZone: UTC, blackout: ["23:30-00:30"], stopAt: "05:30" }',
    'provider: { encryption: off, timeZone: UTC, name: Sandbox 2 }',
    'provider: sandbox',
  ])('%s is accepted', (line) => {
    expect(pathsOfProblems(line)).toEqual([]);
  });

  test.each([
    '000_000: bad_data',
    '111_111: enrolled',
    '111_111: recovered',
    '007_017: conflict',
    '007_012: already_active',
    '000_002: already_active',
    '1_1: bad_data',
    '7: bad_data',
    '111_111: 5',
  ])('outcomes: { %s } is refused', (rule) => {
    expect(pathsOfProblems(`outcomes: { ${rule} }`)).toHaveLength(1);
  });

  test.each([
    ['{ }', 'expected exactly one of csv, excel, inbox and postgres'],
    ['{ csv: a, excel: b }', 'expected exactly one of csv, excel, inbox and postgres'],
    ['{ csv: a, sheet: b }', 'sheet goes with excel and inbox only'],
    ['{ csv: a, columns: { userId: x, par: x } }', 'columns.userId and columns.par name the same column'],
    ['{ csv: a, columns: { userId: 1234 } }', /^a column number goes with header: false/],
    ['{ postgres: { url: "postgres://x/y" } }', 'expected either query or table'],
    ['{ postgres: { url: "postgres://x/y", query: y, table: z } }', 'expected either query or table'],
    ['{ postgres: { url: x, query: y } }', 'expected a postgres:// URL'],
    ['{ csv: a, header: false }', /^header: false goes with two column numbers/],
    ['{ csv: a, header: false, columns: { userId: 1, par: name } }', /^header: false goes with two/],
    ['{ excel: a, encoding: cp949 }', 'encoding goes with text files only'],
    [
      '{ postgres: { url: "postgres://x/y", query: y }, encoding: cp949 }',
      'header and encoding go with files only',
    ],
  ])('list: %s is refused', (list, message) => {
    const result = check(`job: j\nlist: ${list}\n`);
    expect(result.error?.issues[0]?.message).toMatch(message);
  });

  test.each(['a', 'a-1', 'x'.repeat(64), 'x'.repeat(65), 'A', 'a b', '', '가', 'a_b'])(
    'job: "%s" as the domain has it',
    (job) => {
      expect(jobFileSchema.safeParse({ job, list: { csv: 'a' } }).success).toBe(JOB_NAME.test(job));
    },
  );

  test('a bare number is no job name and no header', () => {
    const result = check('job: 20261123\nlist: { csv: a, columns: { par: 12345 } }\n');
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([
      'expected 1 to 64 of a-z, 0-9 and -, written in quotes',
      'a column number goes with header: false; write the header of the column, in quotes',
    ]);
  });
});

describe('a cron line', () => {
  test.each(['0 1 * * *', '*/10 8-18 * * MON-FRI', '0 1 L * *', '0  1 * *  7'])('%s is one', (line) => {
    expect(pathsOfProblems(`schedule: "${line}"`)).toEqual([]);
  });

  test.each([
    ['0 25 * * *', 'expected minute, hour, day of the month, month and day of the week, such as "0 1 * * *"'],
    ['0 0 30 2 *', 'names a day that never comes'],
    ['0 0 1 * * *', 'expected the five fields of a cron line'],
    ['@daily', 'expected the five fields of a cron line'],
  ])('%s is none', (line, sentence) => {
    const result = check(`job: j\nlist: { csv: a.csv }\nschedule: "${line}"\n`);
    expect(result.error?.issues.map(({ message }) => message)).toEqual([sentence]);
  });
});

describe('JSON Schema', () => {
  test('is published as docs/job-file.schema.json (vitest -u writes it)', async () => {
    const style = await resolveConfig('docs/job-file.schema.json');
    const text = await format(JSON.stringify(jobFileJsonSchema()), { ...style, parser: 'json' });
    await expect(text).toMatchFileSnapshot('../../docs/job-file.schema.json');
  });

  test('names every key', () => {
    const written: unknown = parse(everyKey);
    expect(knownKeysAt([])).toEqual(Object.keys(written as object));
    expect(knownKeysAt(['limits'])).toEqual([
      'rate',
      'burst',
      'concurrency',
      'timeout',
      'adaptive',
      'maxCalls',
    ]);
    expect(knownKeysAt(['list', 'columns'])).toEqual(['userId', 'par']);
    expect(knownKeysAt(['provider'])).toEqual([
      'name',
      'baseUrl',
      'encryption',
      'contentEncryption',
      'timeZone',
      'correlationEcho',
    ]);
    expect(knownKeysAt(['nowhere', 'x'])).toEqual([]);
  });

  test('lets a variable stand for a text, not for a code of outcomes', () => {
    expect(jobFileJsonSchema()).toMatchObject({
      properties: {
        job: { pattern: '^[a-z0-9-]{1,64}$|^\\$[A-Za-z_][A-Za-z0-9_]*$' },
        outcomes: { propertyNames: { pattern: '^(?!000_000|007_017)[0-9]{3}_[0-9]{3}$' } },
      },
    });
  });
});
