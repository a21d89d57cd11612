import type { Flag } from './flag.ts';

/** Flags of the provider simulator: they set nothing of a run. */
export const sandboxFlags = {
  port: {
    takes: 'text',
    group: 'server',
    help: 'port to listen on',
    without: 'any free one',
    on: ['sandbox'],
  },
  host: {
    takes: 'text',
    group: 'server',
    help: 'address to listen on',
    without: '127.0.0.1',
    on: ['sandbox'],
  },
  expose: {
    takes: 'switch',
    group: 'server',
    help: 'let --host be an address others reach',
    on: ['sandbox'],
  },
  state: {
    takes: 'text',
    group: 'server',
    help: 'file that keeps who is registered, and the keys, over restarts',
    on: ['sandbox'],
  },
  fixtures: {
    takes: 'text',
    group: 'server',
    help: 'file with members, cards and their conditions',
    on: ['sandbox'],
    more: 'Such as `samples/sandbox-fixtures.yaml`',
  },
  faults: {
    takes: 'text',
    group: 'answers',
    help: 'YAML file with a seeded plan of faults',
    on: ['sandbox'],
  },
  lenient: {
    takes: 'switch',
    group: 'answers',
    help: 'let pass what a forgiving platform might',
    on: ['sandbox'],
    more: 'Never a call that is not signed right',
  },
  requireEncryption: { takes: 'switch', group: 'answers', help: 'refuse plain calls', on: ['sandbox'] },
  plainAnswers: {
    takes: 'switch',
    group: 'answers',
    help: 'answer encrypted calls in plain',
    on: ['sandbox'],
  },
  encryptAnswers: {
    takes: 'switch',
    group: 'answers',
    help: 'encrypt every answer, also that of a plain call',
    on: ['sandbox'],
    conflicts: 'plain-answers',
  },
  plainPlans: { takes: 'switch', group: 'answers', help: 'take plans calls plain only', on: ['sandbox'] },
  nameFields: {
    takes: 'switch',
    group: 'answers',
    help: 'name the header or field that is wrong in the message of 000_002',
    on: ['sandbox'],
  },
} as const satisfies Readonly<Record<string, Flag>>;
