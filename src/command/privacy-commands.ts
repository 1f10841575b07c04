import type { Command } from "commander";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./person.ts");

/** The commands about what is kept of people. */
export function addPrivacyCommands(program: Command, command: MakeCommand): void {
  const person = program
    .command("person")
    .description("what is kept of one person over all lists; WHOM is a number with its +, a mailbox, or else a client id, or several of these");
  command(person, "export <whom...>", "all that is known of somebody, as JSON; with their recordings where a directory is given")
    .option("--output <directory>", "write person.json and the recordings there (default: JSON to standard output)")
    .action(async (whom, options) => console.log(await (await load()).exportPerson(whom, options)));
  command(person, "erase <whom...>", "forget somebody: nothing tells who they are any more, and nobody contacts them again")
    .requiredOption("--reason <text>", "why, without naming them: it is kept")
    .option("--everybody", "all of them where several people are known by that, as a household by its number")
    .option("--yes", "do it; without, what is known of them is counted and nothing is done")
    .action(async (whom, options) => console.log(await (await load()).erasePerson(whom, options)));
  command(person, "erasures", "who was forgotten when and why, without their names")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listErasures(options)));

  const retention = program.command("retention").description("for how long what is kept of people stays; the days are in the configuration");
  command(retention, "show", "each kind with its days, what is due, and when it was seen to last")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).showRetention(options)));
  command(retention, "run", "take away now what is older than it may be; the server does it by itself every six hours")
    .option("--dry-run", "only say what would be looked through")
    .action(async (options) => console.log(await (await load()).runRetention(options)));
}
