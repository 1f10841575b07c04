import { type Command, Option } from "commander";
import { channelNames } from "../attempt/result.ts";
import { type ReportFacts, type ReportName, reportFacts, reportNames } from "../report/definition.ts";
import { exit, several } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./report.ts");

const withForms = (made: Command) =>
  made
    .option("--json", "as JSON, for programs")
    .addOption(new Option("--csv", "as CSV").conflicts("json"))
    .addOption(new Option("--xlsx <file>", "into a workbook").conflicts(["json", "csv"]));

/** The commands about what came of it all. */
export function addReportCommands(program: Command, command: MakeCommand): void {
  const report = program.command("report").description("what came of it all, live and in the past");
  for (const name of reportNames) addReport(report, command, name);

  withForms(command(report, "calling-list <campaign>", "everybody on the list of a campaign, with the last attempt, in words and as call_result"))
    .option("--field <name>", "a column of the list to be shown beside; may be given again", several)
    .action(async (campaign, options) => (await load()).exportCallingList(campaign, options));
  command(report, "verify", "count everything anew from the log and compare; exits 1 when a counter differs")
    .option("--json", "as JSON, for programs")
    .action(async (options) => exit(await (await load()).verifyCounters(options)));
  command(report, "recount", "make every counter anew from the log; whoever ends an attempt meanwhile waits").action(async (options) =>
    console.log(await (await load()).recountAll(options)),
  );
}

function addReport(report: Command, command: MakeCommand, name: ReportName): void {
  const { summary, dated, by, ofAgents, ofChannels }: ReportFacts = reportFacts[name];
  // NPS stays as it is.
  const about = /^[A-Z][a-z]/.test(summary) ? `${summary.charAt(0).toLowerCase()}${summary.slice(1)}` : summary;
  const made = withForms(command(report, name, about));
  if (dated)
    made
      .option("--from <time>", "a day, a month or an instant (default: the beginning of today)")
      .option("--to <time>", "the same; days and months as a whole (default: now)");
  if (by.length > 0) made.addOption(new Option("--by <what>", "what it is added up by").choices([...by]).default("all"));
  made
    .option("--zone <zone>", "IANA zone in which days begin", "UTC")
    .option("--campaign <name>", "only this campaign, or the passes of this one of a strategy")
    .option("--list <name>", "only campaigns on this list")
    .option("--group <name>", "only campaigns that this group works for; of agents, its members");
  if (ofChannels) made.addOption(new Option("--channel <name>", "only this channel").choices([...channelNames]));
  if (ofAgents) made.option("--agent <name>", "only what is this agent's");
  made.action(async (options) => (await load()).showReport(name, options));
}
