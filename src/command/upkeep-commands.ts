import { Argument, type Command } from "commander";
import { command, exit } from "./arguments.ts";
import { completionScript, shells } from "./completion.ts";
import type { CommonOptions } from "./context.ts";

/** `carillon migrate`, `carillon doctor` and `carillon completion`. */
export function addUpkeepCommands(program: Command): void {
  command(program, "migrate", "bring the database schema up to date").action(async (options: CommonOptions) => {
    const { withStores } = await import("./context.ts");
    await withStores(options, async () => console.log("The database schema is up to date."));
  });

  command(program, "doctor", "look at everything the server needs, and say what to do about what is wrong")
    .option("--json", "print one JSON object instead")
    .option("--key <key>", "an API key: with it the running server says what is wrong with its parts")
    .action(async (options) => exit(await (await import("./doctor.ts")).doctor(options)));

  program
    .command("completion")
    .description("what a shell reads to complete commands and options: source <(carillon completion bash)")
    .addArgument(new Argument("<shell>").choices(shells))
    .action((shell) => void process.stdout.write(completionScript(program, shell)));
}
