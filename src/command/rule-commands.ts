import { type Command, Option } from "commander";
import { channelNames } from "../attempt/result.ts";
import { count, number, several } from "./arguments.ts";

type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./rule.ts");
const channels = () => new Option("--channel <name...>", "only by these (default: by every one)").choices(channelNames);

/** The commands about the account's own rules. */
export function addRuleCommands(program: Command, command: MakeCommand): void {
  const rule = program.command("rule").description("rules of your own about who may be contacted");
  command(rule, "set <name> [expression]", "make a rule, or change it; it holds for everybody who is picked from then on")
    .option("--meaning <text>", "whom it holds back and why, for people")
    .option("--require <column>", "instead of an expression: contacts without this column are held back; may be given again", several)
    .addOption(channels())
    .option("--campaign <name>", "in this campaign with its passes, or in the pass CAMPAIGN/PASS (default: in every one)")
    .option("--again-after-h <hours>", "who is held back is asked about again after so long (default: not at all)", number)
    .action(async (name, expression, options) => console.log(await (await load()).setRule(name, expression, options)));
  command(rule, "list", "the rules that hold")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listRules(options)));
  command(rule, "show <name>", "every version of a rule")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).showRule(name, options)));
  command(rule, "remove <name>", "take a rule away").action(async (name, options) => console.log(await (await load()).removeRule(name, options)));
  rule
    .command("language")
    .description("what an expression may speak of")
    .action(async () => console.log((await load()).showLanguage()));
  command(rule, "try <campaign> [expression]", "whom a rule would hold back in a campaign now; changes nothing")
    .option("--rule <name>", "instead of an expression: a rule that holds")
    .option("--json", "as JSON, for programs")
    .action(async (campaign, expression, options) => console.log(await (await load()).tryRule(campaign, expression, options)));
  command(rule, "backtest [expression]", "which attempts a rule would have kept from being made; changes nothing")
    .option("--rule <name>", "instead of an expression: a rule that holds")
    .addOption(channels())
    .option("--campaign <name>", "of this campaign with its passes (default: of every one)")
    .option("--days <count>", "so far back", count, 30)
    .option("--json", "as JSON, for programs")
    .action(async (expression, options) => console.log(await (await load()).backtestRule(expression, options)));
}
