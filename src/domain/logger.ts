/** Log fields, chosen explicitly at each call: no ids, no secrets, no bodies. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** A message is a fixed sentence; variable parts are fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
