import { problemsOf, refused, valid, type Checked } from './checked.ts';
import { decoded } from './database-configuration.ts';
import { secretOf, type Environment } from './environment.ts';
import type { JobFile } from './job-file/job-file-schema.ts';
import { resolveProxy } from './provider/proxy-configuration.ts';
import { Secret } from './secret.ts';
import type { NoticeTime } from './settings/notify-setting-table.ts';

/** A place that is called over HTTP. Anyone who knows the URL can write there. */
export interface NotifiedUrl {
  readonly url: Secret;
  /** Proxy for the call; null: none. */
  readonly proxy: Secret | null;
}

export interface NotifiedMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly smtp: Secret;
}

/** Where notices of a start go; null: not in this way. */
export interface NotifySettings {
  readonly ping: NotifiedUrl | null;
  readonly slack: NotifiedUrl | null;
  readonly webhook: NotifiedUrl | null;
  readonly mail: NotifiedMail | null;
  readonly when: NoticeTime;
}

/** Resolves where notices go; null where the job file names no place. */
export async function resolveNotification(
  written: JobFile['notify'],
  environment: Environment,
): Promise<Checked<NotifySettings | null>> {
  if (written === undefined) return valid(null);
  const ping = resolveUrl(written.ping, environment);
  const slack = resolveUrl(written.slack, environment);
  const webhook = resolveUrl(written.webhook, environment);
  const mail = await resolveMail(written.mail, environment);
  if (
    ping.kind === 'refused' ||
    slack.kind === 'refused' ||
    webhook.kind === 'refused' ||
    mail.kind === 'refused'
  )
    return refused(...problemsOf(ping, slack, webhook, mail));
  const named = { ping: ping.value, slack: slack.value, webhook: webhook.value, mail: mail.value };
  return valid({ ...named, when: written.when });
}

/** Returns the parts that must never be printed: the whole URLs, and the mail server's password. */
export function notifySecrets(notify: NotifySettings | null): readonly Secret[] {
  if (notify === null) return [];
  const urls = [notify.ping, notify.slack, notify.webhook].flatMap((place) =>
    place === null ? [] : [place.url],
  );
  return notify.mail === null ? urls : [...urls, notify.mail.smtp, ...passwordOf(notify.mail.smtp)];
}

function resolveUrl(url: string | undefined, environment: Environment): Checked<NotifiedUrl | null> {
  if (url === undefined) return valid(null);
  const proxy = resolveProxy(url, environment);
  return proxy.kind === 'refused' ? proxy : valid({ url: new Secret(url), proxy: proxy.value });
}

async function resolveMail(
  mail: NonNullable<JobFile['notify']>['mail'],
  environment: Environment,
): Promise<Checked<NotifiedMail | null>> {
  if (mail === undefined) return valid(null);
  const smtp = await secretOf(environment, 'KONA_SMTP_URL');
  if (smtp.kind === 'refused') return smtp;
  if (smtp.value === null) return refused('notify.mail needs a mail server: KONA_SMTP_URL is not set');
  if (!/^smtps?:\/\//.test(smtp.value) || !URL.canParse(smtp.value))
    return refused('KONA_SMTP_URL: expected the smtp:// or smtps:// URL of a mail server');
  return valid({ ...mail, smtp: new Secret(smtp.value) });
}

function passwordOf(smtp: Secret): readonly Secret[] {
  const { password } = new URL(smtp.reveal());
  return [password, decoded(password)].flatMap((text) => (text === '' ? [] : [new Secret(text)]));
}
