/** Facts that go with a log line; ids are named campaign, contact, attempt, leg, callId. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The port to the log. Engines and adapters log; pure files never do. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log whose lines all carry these fields too. */
  child(fields: LogFields): Log;
}

/** A log that keeps nothing, for callers that do not care. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
