import { type DestinationStream, type Logger, pino } from "pino";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The log of a running server: one JSON object a line, on standard error so that commands can print their answer on
 * standard output.
 * @param to where the lines go instead
 */
export function openLog(level: LogLevel, to: DestinationStream = pino.destination({ dest: 2, sync: true })): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: ["password", "secret", "key", "*.password", "*.secret"], censor: "[hidden]" },
    },
    to,
  );
  return wrap(logger);
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/**
 * What is logged of an error. A Fault says what is wrong by itself; only what nobody foresaw needs its stack. Nothing else that hangs
 * on an error is written: PostgreSQL's carry the whole connection, and the values of a row.
 */
export function describeError(error: unknown): unknown {
  if (error instanceof Fault) {
    const { code, message, detail, cause } = error;
    return { code, message, ...(Object.keys(detail).length > 0 && { detail }), ...(cause !== undefined && { cause: String(cause) }) };
  }
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { type: name, message, ...code, stack, ...(cause !== undefined && { cause: String(cause) }) };
}
