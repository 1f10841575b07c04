import type { Command } from "commander";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./number.ts");

/** The commands about numbers of ours and people who call them. */
export function addNumberCommands(program: Command, campaign: Command, command: MakeCommand): void {
  const number = program.command("number").description("numbers of yours that people may call");
  command(number, "list", "the numbers, and what those hear who call them")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listNumbers(options)));
  const wish = (usage: string, about: string) =>
    command(number, usage, about)
      .option("--name <name>", "what people call it")
      .option("--campaign <name>", "whose callers these are, when nothing better is known of a caller")
      .option("--script <name>", "published script they hear, instead of the campaign's inbound script")
      .option("--message <text>", "what is said where there is no script");
  wish("add <number>", "add a number, in E.164 form").action(async (text, options) => console.log(await (await load()).addNumber(text, options)));
  wish("assign <number>", "change what happens to those who call; none takes campaign, script or message away").action(async (text, options) =>
    console.log(await (await load()).assignNumber(text, options)),
  );
  command(number, "remove <number>", "remove a number").action(async (text, options) =>
    console.log(await (await load()).removeNumber(text, options)),
  );
  command(campaign, "inbound <name>", "what the campaign does about people who call, and what came of it")
    .option("--script <name>", "they hear this script from now on; none: the message of the number")
    .action(async (name, options) => console.log(await (await load()).showInbound(name, options)));
}
