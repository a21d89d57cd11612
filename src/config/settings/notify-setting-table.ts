import { z } from 'zod';
import { oneOf, text } from '../job-file/setting-schemas.ts';
import { setting } from './setting.ts';

/** Which starts of a job are reported. */
export const noticeTimes = ['change', 'trouble', 'always'] as const;
export type NoticeTime = (typeof noticeTimes)[number];

const URL_FORM = /^https?:\/\/[^\s/]+\S*$/;
const ADDRESS_FORM = /^(?:[^<>\r\n]*<)?[^\s<>@]+@[^\s<>@]+>?$/;

const url = () => text('an http:// or https:// URL', URL_FORM).optional();
const address = () => text('an e-mail address', ADDRESS_FORM);

/** Where notices of a start go. They are not kept with a run, because a URL here is as secret as a password. */
export const notifySettings = {
  ping: setting({
    help: 'a dead man’s switch: `<url>/start` is called at a start, `<url>` at its end, `<url>/fail` if it did not do its work',
    example: '$PING_URL',
    written: url(),
    kept: {},
    keep: () => ({}),
  }),
  slack: setting({
    help: 'an incoming webhook of Slack, or of a service that accepts the same format',
    example: '$SLACK_WEBHOOK',
    written: url(),
    kept: {},
    keep: () => ({}),
  }),
  webhook: setting({
    help: 'gets each message as JSON: docs/notification.schema.json',
    example: '$NOTIFY_WEBHOOK',
    written: url(),
    kept: {},
    keep: () => ({}),
  }),
  mail: setting({
    help: 'gets each message with report.html; needs KONA_SMTP_URL',
    example: { to: ['finance@company.example'], from: 'kona@company.example' },
    written: z
      .strictObject({
        to: z.array(address(), { error: 'expected a list of e-mail addresses' }).min(1),
        from: address(),
      })
      .optional(),
    kept: {},
    keep: () => ({}),
  }),
  when: setting({
    help: 'change: when something is new, and once a week while a job is not well; trouble: also at every start with trouble; always: at every start',
    written: oneOf(noticeTimes).prefault('change'),
    kept: {},
    keep: () => ({}),
  }),
};
