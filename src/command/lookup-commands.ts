import type { Command } from "commander";
import { count, exit } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./lookup.ts");
const json = ["--json", "as JSON, for programs"] as const;

/** The commands about servers that are asked about numbers and people. */
export function addLookupCommands(program: Command, command: MakeCommand): void {
  const lookup = program
    .command("lookup")
    .description("servers that are asked about numbers and people; SUBJECT is a number with its +, or else a client id");
  command(lookup, "list", "the look-ups, and how much was asked of them")
    .option(...json)
    .action(async (options) => console.log(await (await load()).listLookups(options)));
  command(lookup, "test <name> <subject>", "ask a server once, now, and keep nothing; exits 1 when it gives no answer")
    .option("--date <day>", "of kind reassigned: since when the number is theirs, as 2026-11-30")
    .option(...json)
    .action(async (name, subject, options) => {
      const { said, answered } = await (await load()).testLookup(name, subject, options);
      console.log(said);
      exit(answered ? 0 : 1);
    });
  command(lookup, "show <subject>", "what is known of a number, or of a client id")
    .option(...json)
    .action(async (subject, options) => console.log(await (await load()).showLookups(subject, options)));
  command(lookup, "run <list> <names...>", "have everybody on a list looked up; the servers that run do it, in their pace")
    .option(...json)
    .action(async (list, names, options) => console.log(await (await load()).runLookups(list, names, options)));
  command(lookup, "cancel <run>", "ask nothing more for a run; what is known by now stays").action(async (run, options) =>
    console.log(await (await load()).cancelLookups(run, options)),
  );
  command(lookup, "runs", "how far they are, and what came of them; the newest first")
    .option("--limit <count>", "so many", count, 20)
    .option(...json)
    .action(async (options) => console.log(await (await load()).listLookupRuns(options)));
}
