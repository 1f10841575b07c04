import type { Command } from "commander";
import { count } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./prompt.ts");

/** The commands about uploaded prompts. */
export function addPromptCommands(program: Command, command: MakeCommand): void {
  const prompt = program.command("prompt").description("recordings that scripts play with file:, the same on every node");
  command(prompt, "list", "the uploaded prompts, each with its newest version")
    .option("--language <tag>", "only those in which this language is spoken, such as en-US")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listPrompts(options)));
  command(prompt, "show <name>", "a prompt, its versions, and the scripts that play it")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).showPrompt(name, options)));
  command(prompt, "add <file>", "upload a WAV file; it becomes the next version of its name, and calls hear it a second later")
    .option("--as <name>", "as scripts name it, such as hold/please-wait.wav (default: the name of the file)")
    .option("--language <tag>", "what is spoken in it, such as en-US")
    .option("--note <text>", "why, for people")
    .option("--json", "as JSON, for programs")
    .action(async (file, options) => console.log(await (await load()).addPrompt(file, options)));
  command(prompt, "get <name>", "write the file as it was sent")
    .option("--version <number>", "this version instead of the newest one", count)
    .option("--to <file>", "where to (default: its name, in this folder)")
    .action(async (name, options) => console.log(await (await load()).getPrompt(name, options)));
  command(prompt, "remove <name>", "take a prompt away with its versions; refused while scripts play it").action(async (name, options) =>
    console.log(await (await load()).dropPrompt(name, options)),
  );
}
