import type { Flag } from './flag.ts';

/** Flags of the provider simulator; they set nothing for a run. */
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
    help: 'allow a --host that other machines can reach',
    on: ['sandbox'],
  },
  state: {
    takes: 'text',
    group: 'server',
    help: 'file that keeps registrations and keys across restarts',
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
    help: 'accept mistakes that a tolerant platform might accept',
    on: ['sandbox'],
    more: 'Calls with a wrong signature are always refused',
  },
  requireEncryption: { takes: 'switch', group: 'answers', help: 'refuse plain calls', on: ['sandbox'] },
  plainAnswers: {
    takes: 'switch',
    group: 'answers',
    help: 'do not encrypt the answers to encrypted calls',
    on: ['sandbox'],
  },
  encryptAnswers: {
    takes: 'switch',
    group: 'answers',
    help: 'encrypt every answer, even to a plain call',
    on: ['sandbox'],
    conflicts: 'plain-answers',
  },
  plainPlans: { takes: 'switch', group: 'answers', help: 'accept only plain plans calls', on: ['sandbox'] },
  nameFields: {
    takes: 'switch',
    group: 'answers',
    help: 'name the header or field that is wrong in the message of 000_002',
    on: ['sandbox'],
  },
} as const satisfies Readonly<Record<string, Flag>>;
