import { stat } from 'node:fs/promises';
import type { NotifiedMail } from '../../config/notification.ts';
import type { ToldNotice } from './notice-texts.ts';

/** Mail servers refuse larger attachments; a page has some hundred kilobytes. */
const LARGEST_ATTACHMENT_BYTES = 5 * 1024 * 1024;
const SMTP_DEADLINE_MS = 10_000;

/** A page to attach: a run's report, in which ids are masked. */
export interface AttachedPage {
  readonly name: string;
  readonly file: string;
}

/** Sends one mail to all recipients. Rejects where the server accepts it for none of them. */
export async function sendMail(
  { to, from, smtp }: NotifiedMail,
  { subject, lines }: ToldNotice,
  pages: readonly AttachedPage[],
): Promise<void> {
  // Loaded only here: hardly any start sends mail.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: smtp.reveal(),
    connectionTimeout: SMTP_DEADLINE_MS,
    greetingTimeout: SMTP_DEADLINE_MS,
    socketTimeout: SMTP_DEADLINE_MS,
    dnsTimeout: SMTP_DEADLINE_MS,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject,
      text: `${lines.join('\n')}\n`,
      attachments: await attachable(pages),
      // Pages are read from disk; nothing is ever fetched.
      disableUrlAccess: true,
    });
  } finally {
    transport.close();
  }
}

async function attachable(pages: readonly AttachedPage[]) {
  const found = await Promise.all(
    pages.map(async ({ name, file }) => {
      const size = await stat(file).then(
        (known) => known.size,
        () => Infinity,
      );
      return size <= LARGEST_ATTACHMENT_BYTES ? [{ filename: name, path: file }] : [];
    }),
  );
  return found.flat();
}
