import { type Command, Option } from "commander";
import { channelNames } from "../attempt/result.ts";
import { count, number } from "./arguments.ts";
import { addCalendarCommands } from "./calendar-commands.ts";
import { addRuleCommands } from "./rule-commands.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./cap.ts");

/** The commands about the rules by which people are contacted. */
export function addComplianceCommands(program: Command, campaign: Command, command: MakeCommand): void {
  command(campaign, "why <name> <contact>", "what happened to one person in a campaign, why nothing did, and what the gate says of them now").action(
    async (name, contact, options) => console.log(await (await import("./why.ts")).whyContact(name, contact, options)),
  );
  command(campaign, "preflight <name>", "who would be contacted and who would not, by reason and hour; changes nothing")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await import("./preflight.ts")).preflightCampaign(name, options)));
  const cap = program.command("cap").description("how often people may be contacted");
  command(cap, "add <name>", "make a frequency cap; it holds at once")
    .addOption(new Option("--per <whom>", "a person on all addresses, or each address").choices(["person", "address"]).default("person"))
    .option("--most <count>", "attempts, at most", count)
    .option("--within-h <hours>", "in a window of so many hours that rolls", number)
    .addOption(new Option("--channel <name>", "only by this one (default: over all channels)").choices(channelNames))
    .option("--campaign <name>", "in this campaign alone, and of its attempts (default: over all campaigns)")
    .option(
      "--us-debt <field>",
      "instead: the US rule for debts, seven calls in seven days and none after a conversation; FIELD says which debt it is",
    )
    .action(async (name, options) => console.log(await (await load()).addCap(name, options)));
  command(cap, "list", "the caps")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listCaps(options)));
  command(cap, "remove <name>", "take a cap away").action(async (name, options) => console.log(await (await load()).removeCap(name, options)));
  addCalendarCommands(program, command);
  addRuleCommands(program, command);
}
