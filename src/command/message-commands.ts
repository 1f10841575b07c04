import type { Command } from "commander";
import { asksServer } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./message.ts");

/** The commands about messages. */
export function addMessageCommands(program: Command, command: MakeCommand): void {
  const message = program.command("message").description("messages by SMS and e-mail: what was sent, what people wrote");
  command(message, "list", "what was sent, or with --in what people wrote by SMS")
    .option("--campaign <name>", "only of this campaign")
    .option("--contact <id>", "only of this contact")
    .option("--in", "what came in by SMS (e-mail: carillon mail list)")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listMessages(options)));
  command(message, "show <id>", "one message that was sent, and what was reported of its parts").action(async (id, options) =>
    console.log(await (await load()).showMessage(id, options)),
  );
  asksServer(command(message, "binds", "the ways to SMSCs, and how they stand"))
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./means.ts")).listBinds(options)));
  asksServer(command(message, "senders", "whom messages show themselves to be from, by SMS and e-mail"))
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./means.ts")).listSenders(options)));
  command(message, "unmatched", "reports of delivery that fit no message")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listUnmatched(options)));
  command(message, "test <template>", "send one SMS to look at; nothing is recorded")
    .requiredOption("--sender <name>", "a name under sms.senders")
    .requiredOption("--to <number>", "who it is for (E.164)")
    .option("--contact <file>", "a CSV file as for import: the columns of its first contact")
    .option("--field <name=value...>", "a column of the contact, over its own")
    .action(async (template, options) => console.log(await (await import("./message-test.ts")).testMessage(template, options)));
  command(message, "rules <campaign>", "what a campaign that writes has of its own: keywords, agents who answer, postal address, …")
    .option("--from <file>", "replace it by this YAML file")
    .option("--clear", "it has nothing of its own again")
    .action(async (name, options) => console.log(await (await import("./message-rules.ts")).messageRules(name, options)));
}
