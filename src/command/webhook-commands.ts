import { type Command, Option } from "commander";
import { webhookMessageStates } from "../webhook/message.ts";
import { asksServer, count, exit } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./webhook.ts");

/** The commands about systems that are told what happens. */
export function addWebhookCommands(program: Command, command: MakeCommand): void {
  const webhook = program.command("webhook").description("systems that are told what happens here");
  command(webhook, "list", "the webhooks")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listWebhooks(options)));
  webhook
    .command("events")
    .description("what they can be told")
    .action(async () => console.log((await load()).listEventTypes()));
  command(webhook, "add <name>", "have a system told; prints the secret that its requests are signed with")
    .requiredOption("--url <url>", "where it is told")
    .requiredOption("--events <types>", "what it is told, in commas")
    .action(async (name, options) => console.log(await (await load()).addWebhook(name, options)));
  command(webhook, "change <name>", "change one, or switch it on or off")
    .option("--url <url>", "where it is told")
    .option("--events <types>", "what it is told, in commas")
    .addOption(new Option("--on", "tell it").conflicts("off"))
    .option("--off", "tell it nothing; what waits, waits on")
    .action(async (name, options) => console.log(await (await load()).changeWebhook(name, options)));
  command(webhook, "rotate <name>", "give one another secret, and print it")
    .option("--previous-hours <count>", "for how long the secret before it signs too", count, 24)
    .action(async (name, options) => console.log(await (await load()).rotateWebhook(name, options)));
  command(webhook, "test <name>", "send it a webhook.test; exits 1 when it does not take it").action(async (name, options) => {
    const { said, taken } = await (await load()).testWebhook(name, options);
    console.log(said);
    exit(taken ? 0 : 1);
  });
  command(webhook, "messages <name>", "what it was told, and is to be told")
    .addOption(new Option("--state <state>", "only these").choices(webhookMessageStates))
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).listMessages(name, options)));
  command(webhook, "replay <name> [message]", "send a message again that is over; without one, all that were given up").action(
    async (name, message, options) => console.log(await (await load()).replayMessages(name, message, options)),
  );
  command(webhook, "remove <name>", "tell it nothing any more; its messages are gone").action(async (name, options) =>
    console.log(await (await load()).removeWebhook(name, options)),
  );
  command(webhook, "reseal", "seal every secret with the present secret.key").action(async (options) =>
    console.log(await (await load()).resealWebhooks(options)),
  );

  asksServer(command(program, "stream", "what happens here, one line each, as it happens"))
    .option("--types <types>", "only these, in commas (carillon webhook events lists them)")
    .option("--campaign <name>", "only what names this campaign")
    .option("--after <id>", "go on behind this event, by its id of --json")
    .option("--json", "as JSON, one event a line, for programs")
    .action(async (options) => (await import("./stream.ts")).followStream(options, console.log));
}
