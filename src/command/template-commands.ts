import { type Command, Option } from "commander";
import { concatenations } from "../sms/ports.ts";
import { defaultAlphabets } from "../sms/segment.ts";
import { count, several } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./template.ts");

/** The commands about templates of messages. */
export function addTemplateCommands(program: Command, command: MakeCommand): void {
  const template = program.command("template").description("templates of SMS and e-mail");
  const counting = (usage: string, about: string) =>
    command(template, usage, about)
      .option("--version <number>", "this version instead of the current one", count)
      .addOption(new Option("--concatenation <how>", "how the bind joins parts (default: udh-8)").choices([...concatenations]))
      .addOption(new Option("--data-coding0 <alphabet>", "what data_coding 0 is at the carrier (default: gsm)").choices([...defaultAlphabets]))
      .option("--json", "as JSON, for programs");
  command(template, "publish <file>", "publish a template; it becomes the next version of its name, and current").action(async (file, options) =>
    console.log(await (await load()).publishTemplate(file, options)),
  );
  command(template, "list", "the templates, each with its current version")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listTemplates(options)));
  command(template, "show <name>", "a template's texts, and the fields it needs")
    .option("--version <number>", "this version instead of the current one", count)
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).showTemplate(name, options)));
  counting("preview <template>", "what one person would read, and what it costs; a published template, or a file")
    .option("--contact <id>", "for this contact")
    .option("--field <name=value>", "a field, over what the contact has; may be given again", several)
    .action(async (name, options) => console.log(await (await load()).previewTemplate(name, options)));
  counting("check <template>", "hold a template, or a file, against a list: segments, the longest, what forces UCS-2, missing fields")
    .requiredOption("--list <name>", "the list")
    .action(async (name, options) => console.log(await (await load()).checkTemplate(name, options)));
}
