/** Fields are an allow-list chosen at the call: no ids, no secrets, no bodies. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** A message is a fixed sentence; what varies is a field. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
