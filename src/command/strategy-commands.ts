import type { Command } from "commander";
import { count } from "./arguments.ts";
import { addStrategyCampaignCommands } from "./strategy-campaign-commands.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./strategy.ts");

/** The commands about strategies. */
export function addStrategyCommands(program: Command, command: MakeCommand): void {
  addStrategyCampaignCommands(program, command);
  const strategy = program.command("strategy").description("strategies: passes over several channels, and what follows each ending");
  command(strategy, "check <files...>", "say what is wrong with a strategy's file, with line and column; exits 1 when anything is").action(
    async (files) => console.log((await load()).checkStrategies(files)),
  );
  command(strategy, "publish <file>", "publish a strategy; it becomes the next version of its name, and current").action(async (file, options) =>
    console.log(await (await load()).publishStrategy(file, options)),
  );
  command(strategy, "list", "the strategies, each with its current version")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listStrategies(options)));
  command(strategy, "show <name>", "how a strategy goes, pass by pass")
    .option("--version <number>", "this version instead of the current one", count)
    .option("--source", "its document, as it was written")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).showStrategy(name, options)));
  command(strategy, "diff <name> <from> <to>", "what changed between two versions").action(async (name, from, to, options) =>
    console.log(await (await load()).diffStrategy(name, count(from), count(to), options)),
  );
  command(strategy, "schema", "the JSON Schema of the document, for editors").action(async () => console.log((await load()).showSchema()));
  command(
    strategy,
    "simulate <strategy>",
    "what a published strategy, or a file, would come to, in virtual time: people and results of each pass, and when",
  )
    .option("--list <name>", "with the contacts of this list (default: made up)")
    .option("--contacts <count>", "so many contacts; of a list the first", count, 1000)
    .option("--chances <file>", "how often what happens, as YAML (default: usual figures)")
    .option("--start <time>", "when it starts", "2026-11-23T14:00Z")
    .option("--default-time-zone <zone>", "for contacts whose zone is not known", "America/New_York")
    .option("--seed <number>", "seed of all chance", count, 20_260_101)
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await import("./strategy-simulate.ts")).simulateWhole(name, options)));
}
