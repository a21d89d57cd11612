/** One environment variable: everything the program, its docs and its secrecy know about it. */
export interface EnvironmentVariable {
  /** Its description in docs/commands.md. */
  readonly help: string;
  /** It may also be given as NAME_FILE, the path of a file that holds the value. */
  readonly file?: true;
  /** Its value is never shown, in files or in messages. */
  readonly secret?: true;
}

/** Every variable the program reads, except those a job file names as `$NAME`; in the order of the docs. */
export const environmentTable = {
  DATABASE_URL: { help: 'the ledger; default: `embedded:.kona-enroll/ledger`', file: true, secret: true },
  KONA_BASE_URL: {
    help: 'the provider’s address, or `sandbox`; there is no default. `https://`, or `http://` on this machine',
  },
  KONA_ASP_ID: { help: '15 characters, given by contract', file: true },
  KONA_ACCESS_KEY: { help: '40 characters', file: true, secret: true },
  KONA_SECRET_KEY: { help: 'signs every call', file: true, secret: true },
  KONA_TIME_ZONE: { help: '`KST` (default) or `UTC`: the zone of the times in a call' },
  KONA_CRYPTO_KEY_ID: { help: '32 characters; names the keys to the provider', file: true },
  KONA_SERVER_PUBLIC_KEY: {
    help: 'the provider’s RSA key, bare or in an X.509 certificate. Keys and certificates may be PEM (line breaks real, or written as `\\n`), base64 of DER or of PEM, a DER file, or JWK',
    file: true,
  },
  KONA_CLIENT_PRIVATE_KEY: {
    help: 'our RSA key in one of the same forms, without a passphrase; it decrypts encrypted answers, even those to plain calls. A run with encryption but without this key says so before its first call',
    file: true,
    secret: true,
  },
  KONA_TLS_CA: {
    help: 'certificates, in the forms above except JWK, that are trusted in addition to the usual roots',
    file: true,
  },
  KONA_TLS_CERTIFICATE: {
    help: 'our client certificate, in PEM, followed by the certificates between it and its root',
    file: true,
  },
  KONA_TLS_KEY: {
    help: 'its private key, in the forms above except JWK, without a passphrase',
    file: true,
    secret: true,
  },
  KONA_SMTP_URL: {
    help: 'the mail server for `notify.mail`: `smtp://user:password@host:587`, or `smtps://`; in its user and password write the characters % # / ? @ as %25 %23 %2F %3F %40',
    file: true,
    secret: true,
  },
  KONA_DESK_URL: {
    help: 'the address under which browsers reach the upload desk, such as `https://desk.example.com`. [Sign-in at the desk](desk-sign-in.md)',
  },
  KONA_DESK_UPLOADERS: {
    help: 'who may upload, withdraw, hand back and download at the desk: e-mail addresses and names of groups, with commas',
  },
  KONA_DESK_APPROVERS: { help: 'who may approve or refuse what others uploaded, written in the same way' },
  KONA_DESK_VIEWERS: { help: 'who may only look, masked, written in the same way' },
  KONA_DESK_PROXY_SECRET: {
    help: 'what a proxy that signs people in sends in the header `X-Kona-Desk-Secret`; 32 characters at least',
    file: true,
    secret: true,
  },
  KONA_DESK_PROXY_HEADER: {
    help: 'the header in which that proxy names the e-mail address; default: `X-Auth-Request-Email`',
  },
  KONA_DESK_PROXY_GROUPS_HEADER: {
    help: 'the header in which it names groups, with commas; default: `X-Auth-Request-Groups`',
  },
  KONA_DESK_OIDC_ISSUER: {
    help: 'the provider of OpenID Connect at which people sign in, instead of a proxy; `https://`',
  },
  KONA_DESK_OIDC_CLIENT_ID: { help: 'the desk’s client there' },
  KONA_DESK_OIDC_CLIENT_SECRET: { help: 'its secret', file: true, secret: true },
  KONA_DESK_OIDC_SCOPE: { help: 'what the desk asks for; default: `openid email`' },
  KONA_DESK_OIDC_GROUPS_CLAIM: { help: 'the claim that holds the groups; default: `groups`' },
  HTTPS_PROXY: {
    help: 'the proxy for calls to the provider and for the addresses in `notify`: `http://user:password@host:port`, or `https://`; also as `https_proxy`',
  },
  ALL_PROXY: { help: 'the same where `HTTPS_PROXY` is not set; also as `all_proxy`' },
  NO_PROXY: { help: 'hosts that need no proxy; also as `no_proxy`' },
  CI: { help: 'if set: plain progress lines and no colour, even on a terminal' },
  NO_COLOR: { help: 'if set: no colour on a terminal' },
  CACHE_DIRECTORY: { help: 'folder for files that may be removed at any time, as systemd sets it' },
  XDG_CACHE_HOME: { help: 'the same where `CACHE_DIRECTORY` is not set' },
  HOME: { help: 'the same where neither is set: its folder `.cache`' },
  NODE_COMPILE_CACHE: { help: 'if set: Node keeps its compiled code there, and we choose no folder' },
  NODE_DISABLE_COMPILE_CACHE: { help: 'if set: Node keeps no compiled code' },
} as const satisfies Readonly<Record<string, EnvironmentVariable>>;

type Table = typeof environmentTable;

/** A variable that may also be given as a file. */
export type FileVariable = {
  [Name in keyof Table]: Table[Name] extends { readonly file: true } ? Name : never;
}[keyof Table];

const variables: readonly (readonly [string, EnvironmentVariable])[] = Object.entries(environmentTable);

/** Variables whose value must never be shown. */
export const secretNames = variables.flatMap(([name, { secret }]) =>
  secret === true ? [name as FileVariable] : [],
);
