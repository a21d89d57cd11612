/** A mail as its reader sees it. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  /** Names of what is attached. */
  readonly attached: readonly string[];
}

/** Reads a mail of ours as it came over the wire. */
export function readLetter(mail: string): Letter {
  const [head = '', ...body] = mail.split(/\r?\n\r?\n/);
  const header = unfold(head);
  const boundary = /boundary="?([^";\r\n]+)/.exec(header)?.[1];
  const parts = boundary === undefined ? [mail] : mail.split(`--${boundary}`).slice(1, -1);
  const [text = ''] = boundary === undefined ? [mail] : parts;
  return {
    subject: decodeWords(/^Subject: (.*)$/m.exec(header)?.[1] ?? ''),
    text: decodePart(text.trimStart() === '' ? body.join('\n\n') : text),
    attached: parts.slice(1).flatMap((part) => /filename="?([^"\r\n;]+)/.exec(unfold(part))?.[1] ?? []),
  };
}

function unfold(head: string): string {
  return head.replaceAll(/\r?\n[ \t]+/g, ' ');
}

function decodePart(part: string): string {
  const [head = '', ...body] = part.trimStart().split(/\r?\n\r?\n/);
  const text = body.join('\n\n').replaceAll('\r\n', '\n').trimEnd();
  if (/content-transfer-encoding: base64/i.test(head))
    return Buffer.from(text, 'base64').toString('utf8').trimEnd();
  return /content-transfer-encoding: quoted-printable/i.test(head) ? decodeQuoted(text) : text;
}

function decodeQuoted(text: string): string {
  const bytes = text
    .replaceAll(/=\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** `=?UTF-8?B?…?=` and `=?UTF-8?Q?…?=`, of which a long subject has several. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?= +=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, kind: string, coded: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(coded, 'base64').toString('utf8')
        : decodeQuoted(coded.replaceAll('_', ' ')),
    );
}
