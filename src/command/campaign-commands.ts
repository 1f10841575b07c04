import { type Command, Option } from "commander";
import { callingModeNames } from "../attempt/calling-mode.ts";
import { channelNames } from "../attempt/result.ts";
import { command, count, number, several } from "./arguments.ts";

/** `carillon campaign`: made, started and held, shown and changed. @returns it, for what belongs to campaigns besides */
export function addCampaignCommands(program: Command): Command {
  const campaign = program
    .command("campaign")
    .description("campaigns: making, looking ahead, starting, watching, and why somebody was not contacted");
  command(campaign, "create <name>", "make a campaign; nobody is called or written to before it is started")
    .requiredOption("--list <name>", "whom to contact")
    .addOption(new Option("--channel <channel>", "how (default: voice)").choices([...channelNames]))
    .option("--script <name>", "published IVR script, which it follows; or a file, which is published first")
    .option("--script-version <number>", "stay on this version of the script", count)
    .option("--trunk <name>", "trunk or route to dial over")
    .option("--caller-id <number>", "number shown to the person called, in E.164 form, or a pool of numbers")
    .option("--template <name>", "sms, email: published template, which it follows")
    .option("--template-version <number>", "stay on this version of the template", count)
    .option("--sender <name>", "sms, email: the configured sender it shows")
    .option("--max-cps <count>", "new calls, or messages, per second, at most", number, 5)
    .option("--max-lines <count>", "calls at once, at most (default: 20)", count)
    .option("--ring-timeout-ms <ms>", "how long it rings: 15000 (the law wants people to have the time to answer) to 120000", count)
    .option("--default-time-zone <zone>", "for contacts whose zone is not known", "America/New_York")
    .addOption(new Option("--mode <mode>", "how its calls come to be (default: ivr)").choices([...callingModeNames]))
    .option("--pacing <option=NUMBER...>", "options of the mode, such as linesPerAgent=2; the API document tells of them")
    .addOption(new Option("--amd <profile>", "hear who answers: homes or businesses (default: whoever answers is a person)").choices(["b2c", "b2b"]))
    .addOption(new Option("--on-machine <action>", "what a machine gets, with --amd").choices(["message", "script", "connect", "hang-up"]))
    .option(
      "--holdout <share>",
      "with --amd, for agents: this share of the machines (0..1) goes to an agent all the same, to measure how many are people",
      Number,
    )
    .option("--retry <result=SECONDSxTIMES...>", "try again after this result; by default carrier-fault=300x3 congestion=300x3")
    .action(async (name, options) => {
      const made = await (await import("./campaign.ts")).createCampaign(name, options);
      console.log(`Campaign ${made.name} is made (${made.state}). Start it with: carillon campaign start ${made.name}`);
    });
  command(campaign, "list", "the campaigns, and how they stand")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./campaign.ts")).listCampaigns(options)));
  for (const order of ["start", "pause", "resume", "stop"] as const) {
    command(campaign, `${order} <name>`, `${order} a campaign; the running server sees it within a second`).action(async (name, options) => {
      const { state, note } = await (await import("./campaign.ts")).orderCampaign(name, order, options);
      console.log(`Campaign ${name} is ${state}.${note === undefined ? "" : ` ${note}`}`);
    });
  }
  command(campaign, "show <name>", "its settings, how far it is, what was changed of it, and how it stands with abandoned people")
    .option("--json", "as JSON, for programs: settings and progress")
    .action(async (name, options) => console.log(await (await import("./campaign-settings.ts")).showCampaign(name, options)));
  command(
    campaign,
    "change <name> [settings...]",
    "change a campaign, also while it runs: mode=progressive linesPerAgent=2 maxCps=5 maxLines=50 window=mon-fri holidays=US trunk=… callerId=+1… ringTimeoutMs=30000 amd=b2c|off sender=… …",
  )
    .option("--unset <option>", "take an option of the mode back to its default; may be given again", several)
    .action(async (name, settings, options) => console.log(await (await import("./campaign-settings.ts")).changeCampaign(name, settings, options)));
  command(campaign, "watch <name>", "show progress until the campaign has ended").action(async (name, options) =>
    (await import("./campaign.ts")).watchCampaign(name, options),
  );
  return campaign;
}
