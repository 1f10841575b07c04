import type { Command } from "commander";
import { count, number } from "./arguments.ts";

type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./strategy-campaign.ts");

/** The commands about strategies that are carried out. The others about campaigns take their names, too. */
export function addStrategyCampaignCommands(program: Command, command: MakeCommand): void {
  const campaign = program.commands.find((each) => each.name() === "campaign") ?? program.command("campaign");
  command(campaign, "add <name>", "carry out a strategy on a list: a campaign whose passes are campaigns, named NAME/PASS")
    .requiredOption("--strategy <name>", "name of a published strategy")
    .requiredOption("--list <name>", "name of the list")
    .option("--strategy-version <number>", "this version instead of the current one", count)
    .option("--default-time-zone <zone>", "for contacts whose zone is not known", "America/New_York")
    .action(async (name, options) => {
      const { made, notes } = await (await load()).addStrategyCampaign(name, options);
      console.log(
        `Campaign ${made.name} is made of version ${made.version} of ${made.strategy} (${made.state}). Start it with: carillon campaign start ${made.name}`,
      );
      for (const note of notes) console.log(note);
    });
  command(campaign, "copy <name> <copy>", "make a campaign like another one: all that it has, and nothing of its people")
    .option("--list <name>", "for this list instead of the same")
    .action(async (name, copy, options) => {
      const made = await (await import("./campaign-copy.ts")).copyCampaign(name, copy, options);
      console.log(`Campaign ${made.name} is made like ${name} (${made.state}). Start it with: carillon campaign start ${made.name}`);
    });
  command(campaign, "schedule <name>", "when it starts and stops by itself, or starts again and again; without an option: the schedule that it has")
    .option("--start <time>", "start then, such as 2026-12-01T09:00-05:00")
    .option("--stop <time>", "stop then")
    .option(
      "--every <times>",
      "start a copy of it each time: daily 09:00, mon-fri 09:00, monthly 15 09:00, monthly last 09:00, in the campaign's zone",
    )
    .option("--for <time>", "with --every: stop each copy after so long, such as 8 h")
    .option("--stays-open", "go on when nobody waits any more, for those who come to the list later")
    .option("--off", "take the schedule away")
    .action(async (name, options) => console.log(await (await import("./campaign-schedule.ts")).scheduleCampaign(name, options)));
  command(campaign, "runs <name>", "each time it started again by its schedule").action(async (name, options) =>
    console.log(await (await import("./campaign-schedule.ts")).campaignRuns(name, options)),
  );
  command(
    program,
    "event <name>",
    "tell of something that happened outside, such as payment-received: strategies that have a treatment for it end, or move the person",
  )
    .option("--client-id <id>", "whom it is about")
    .option("--address <address>", "whoever has this number (E.164) or mailbox")
    .option("--key <text>", "your own id of the event: told again it does nothing more")
    .option("--amount <number>", "what was paid, say", number)
    .option("--currency <code>", "of the amount, such as USD")
    .option("--channel <channel>", "by which channel of ours it came about: voice, sms, email")
    .option("--occurred-at <time>", "when it happened (default: now)")
    .action(async (name, options) => console.log(await (await import("./event.ts")).tellEvent(name, options)));
  command(campaign, "go-over <name>", "go over to the current version of its strategy, also while it runs")
    .option("--strategy-version <number>", "this version instead of the current one", count)
    .action(async (name, options) => {
      const { version, strategy } = await (await load()).goOver(name, options);
      console.log(`Campaign ${name} goes by version ${version} of ${strategy}.`);
    });
}
