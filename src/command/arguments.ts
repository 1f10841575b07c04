import { isIPv4 } from "node:net";
import { type Command, InvalidArgumentError, Option } from "commander";

/* What the commands of cli.ts have in common: options and the values that they take. */

/** A command that reads the configuration. */
export function command(parent: Command, usage: string, about: string): Command {
  return parent
    .command(usage)
    .description(about)
    .option("--config <file>", "configuration file (default: $CARILLON_CONFIG, else ./carillon.yaml)")
    .option("--set <setting>", "one setting, as section.field=value; may be given again", several);
}

/** A command that asks the running server. @param key what its key is for; not `needed`: it says less without one */
export function asksServer(command: Command, key = "an API key", needed = true): Command {
  return command
    .addOption(new Option("--url <url>", "where the server's API is (default: where the configuration has it)").env("CARILLON_URL"))
    .addOption(new Option("--key <key>", key).env("CARILLON_KEY").makeOptionMandatory(needed));
}

/** What to do where a word that has to be there is not. */
const missing: readonly (readonly [RegExp, string])[] = [
  [/'--key <key>' not specified/, "; CARILLON_KEY in the environment does as well, and carillon key create makes one"],
];

/** What is wrong with the words of a command line is told in one line, in the form of every other fault, and where to read on. */
export function tellUsageFaults(command: Command, path = command.name()): void {
  const more = `${path} --help ${command.commands.length > 0 ? "lists the commands" : "tells more"}`;
  command.configureOutput({
    outputError(text, write) {
      const fault = text
        .trim()
        .replace(/^error: /, "")
        .replaceAll("\n", " ");
      const hint = missing.find(([about]) => about.test(fault))?.[1] ?? "";
      write(`carillon: ${fault}${hint} (${more})\n`);
    },
  });
  for (const each of command.commands) tellUsageFaults(each, `${path} ${each.name()}`);
}

/** An option that may be given again. */
export function several(value: string, all: string[] = []): string[] {
  return [...all, value];
}

export function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number above 0");
  return value;
}

/** The same, or none. */
export function countOrNone(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("must be 0 or a whole number above it");
  return value;
}

export function percentage(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > 100) throw new InvalidArgumentError("must be 0 to 100");
  return value;
}

/** Any number: the command says what it may be. */
export function figure(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("must be a number");
  return value;
}

/** A moment, in epoch ms: a day, from its beginning in UTC, or a time with its offset. */
export function moment(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(at))
    throw new InvalidArgumentError("must be a day, such as 2026-11-24, or a time with its offset, such as 2026-11-24T08:00:00Z");
  return at;
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError("must be a port, 1 to 65535");
  return value;
}

export function ipv4(text: string): string {
  if (!isIPv4(text)) throw new InvalidArgumentError("must be an IPv4 address of this machine");
  return text;
}

/** What the process ends with when its work is done. */
export function exit(code: number): void {
  process.exitCode = code;
}
