import { Argument, type Command, Option } from "commander";
import { command, exit } from "./arguments.ts";
import { completionScript, shells } from "./completion.ts";
import type { CommonOptions } from "./context.ts";

/** `carillon migrate`, `carillon backup`, `carillon restore`, `carillon doctor` and `carillon completion`. */
export function addUpkeepCommands(program: Command): void {
  command(program, "migrate", "bring the database schema up to date").action(async (options: CommonOptions) => {
    const { withStores } = await import("./context.ts");
    await withStores(options, async () => console.log("The database schema is up to date."));
  });

  command(program, "backup <file>", "write everything that the database holds into a file, while the server runs")
    .option("--json", "print one JSON object instead")
    .action(async (file, options) => console.log(await (await import("./backup.ts")).backUp(file, options)));

  command(program, "restore <file>", "put a backup into an empty database; nobody is called or written to before campaigns are resumed")
    .option("--check", "only read the file and say whether it is whole; no database is needed")
    .option("--json", "print one JSON object instead")
    .action(async (file, options) => console.log(await (await import("./backup.ts")).restore(file, options)));

  command(program, "doctor", "look at everything the server needs, and say what to do about what is wrong")
    .option("--json", "print one JSON object instead")
    .addOption(new Option("--key <key>", "an API key: with it the running server says what is wrong with its parts").env("CARILLON_KEY"))
    .action(async (options) => exit(await (await import("./doctor.ts")).doctor(options)));

  program
    .command("completion")
    .description("what a shell reads to complete commands and options: source <(carillon completion bash)")
    .addArgument(new Argument("<shell>").choices(shells))
    .action((shell) => void process.stdout.write(completionScript(program, shell)));
}
