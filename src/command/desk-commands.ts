import { Argument, type Command, Option } from "commander";
import { answerers, type DispositionCategory, dispositionCategories, dispositionDetails } from "../agent/disposition.ts";
import { writtenStates } from "../agent/written-ports.ts";
import type { Overhearing } from "../voice/ports.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const overhearings: readonly Overhearing[] = ["listen", "whisper", "barge"];
const categories = Object.keys(dispositionCategories) as DispositionCategory[];

/** The commands about what agents choose from and are heard at, and what people write to them. @param order makes a command that asks the server */
export function addDeskCommands(program: Command, order: MakeCommand): void {
  const disposition = program.command("disposition").description("what agents may say of the conversations of a campaign");
  const loadDispositions = () => import("./disposition.ts");
  order(disposition, "list <campaign>", "the dispositions of a campaign: the default ones, or its own")
    .option("--json", "as JSON, for programs")
    .action(async (campaign, options) => console.log(await (await loadDispositions()).listDispositions(campaign, options)));
  order(disposition, "set <campaign> <code>", "add a disposition, or change what is given of it; the campaign has a set of its own then")
    .option("--label <text>", "what agents read (default: the code)")
    .addOption(new Option("--category <category>", "what becomes of the person").choices(categories))
    .addOption(new Option("--needs <detail...>", "what agents must tell besides").choices([...dispositionDetails]))
    .addOption(new Option("--answered-by <whom>", "whom the agent had on the line (default: as the category says)").choices([...answerers]))
    .action(async (campaign, code, options) => console.log(await (await loadDispositions()).setDisposition(campaign, code, options)));
  order(disposition, "remove <campaign> <code>", "take a disposition away; what agents have said stays").action(async (campaign, code, options) =>
    console.log(await (await loadDispositions()).removeDisposition(campaign, code, options)),
  );
  order(disposition, "reset <campaign>", "give a campaign the default dispositions again").action(async (campaign, options) =>
    console.log(await (await loadDispositions()).resetDispositions(campaign, options)),
  );

  const reason = program.command("reason").description("why agents say that they are not ready");
  const loadReasons = () => import("./reason.ts");
  order(reason, "list", "the reason codes, as agents see them")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await loadReasons()).listReasons(options)));
  order(reason, "set <code> <label>", "add a reason code, or label it anew").action(async (code, label, options) =>
    console.log(await (await loadReasons()).setReason(code, label, options)),
  );
  order(reason, "remove <code>", "take a reason code away").action(async (code, options) =>
    console.log(await (await loadReasons()).removeReason(code, options)),
  );

  const conversation = program.command("conversation").description("what people write to and fro with agents, by SMS and e-mail");
  const loadConversations = () => import("./conversation.ts");
  order(conversation, "list", "the conversations, in the order in which they began")
    .addOption(new Option("--state <state>", "only these").choices([...writtenStates]))
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await loadConversations()).listConversations(options)));
  order(conversation, "show <id>", "one of them, with its last 100 messages; agents answer with carillon agent")
    .option("--json", "as JSON, for programs")
    .action(async (id, options) => console.log(await (await loadConversations()).showConversation(id, options)));
  addSupervisionCommands(program, order);
}

function addSupervisionCommands(program: Command, order: MakeCommand): void {
  const supervision = program.command("supervision").description("listening in on agents, on a telephone of your own");
  const load = () => import("./supervision.ts");
  order(supervision, "start <agent>", "ring your telephone, and hear what the agent hears and says until you hang up")
    .addOption(new Option("--mode <mode>", "who hears you: nobody, the agent alone, or everybody").choices([...overhearings]).default("listen"))
    .option("--uri <uri>", "your telephone: a SIP URI, whose host has to be among phones.hosts")
    .option("--number <number>", "or a number in E.164 form, with --trunk and --caller-id")
    .option("--trunk <name>", "trunk or route over which the number is called")
    .option("--caller-id <number>", "what is shown there")
    .option("--phone-of <agent>", "or that of this agent")
    .action(async (agent, options) => console.log(await (await load()).startSupervision(agent, options)));
  order(supervision, "list <agent>", "who listens in on an agent, or did of late")
    .option("--json", "as JSON, for programs")
    .action(async (agent, options) => console.log(await (await load()).listSupervisions(agent, options)));
  order(supervision, "mode <agent> <id>", "say who hears you from now on")
    .addArgument(new Argument("<mode>").choices(overhearings))
    .action(async (agent, id, mode, options) => console.log(await (await load()).changeSupervision(agent, id, mode, options)));
  order(supervision, "end <agent> <id>", "hang up").action(async (agent, id, options) =>
    console.log(await (await load()).endSupervision(agent, id, options)),
  );
}
