import { Command, Option } from "commander";
import { resultNames } from "./attempt/result.ts";
import { addAccessCommands } from "./command/access-commands.ts";
import { asksServer, command, count, exit, figure, ipv4, number, port, several, tellUsageFaults } from "./command/arguments.ts";
import { noteCommand } from "./command/audited.ts";
import { addCampaignCommands } from "./command/campaign-commands.ts";
import { addComplianceCommands } from "./command/compliance-commands.ts";
import { groupCommands } from "./command/help-groups.ts";
import { addIvrCommands } from "./command/ivr-commands.ts";
import { addListCommands } from "./command/list-commands.ts";
import { addMessageCommands } from "./command/message-commands.ts";
import { addNumberCommands } from "./command/number-commands.ts";
import { addPrivacyCommands } from "./command/privacy-commands.ts";
import { addPromptCommands } from "./command/prompt-commands.ts";
import { addReportCommands } from "./command/report-commands.ts";
import { addSettingCommands } from "./command/setting-commands.ts";
import { addStaffCommands } from "./command/staff-commands.ts";
import { addStrategyCommands } from "./command/strategy-commands.ts";
import { addSuppressionCommands } from "./command/suppression-commands.ts";
import { addTemplateCommands } from "./command/template-commands.ts";
import { describeFault, endWithReader, version } from "./command/terminal.ts";
import { addUpkeepCommands } from "./command/upkeep-commands.ts";
import { addWebhookCommands } from "./command/webhook-commands.ts";
import { mailKinds } from "./email/inbox-ports.ts";

/*
 * The commands. Each one's work is in command/, loaded only when it is called, so that --help and small tools start at once.
 */

const program = new Command("carillon")
  .description("Outbound engagement server: decides whom it may contact, when and on which channel, and does it.")
  .version(version)
  // So that a command may have a --version of its own.
  .enablePositionalOptions();

command(program, "serve", "run the server: campaigns, calls and the API")
  .option("--worker", "internal: be the worker of a supervisor")
  .option("--successor", "internal: take over from a worker that had been well")
  .action(async (options) => exit(await (await import("./command/serve.ts")).serve(options)));

program
  .command("demo")
  .description("start everything on this machine alone, carry out a strategy on an example list, and compare what came of it with everybody's books")
  .option("--contacts <file>", "CSV file of people", "docs/examples/contacts.csv")
  .option("--strategy <file>", "strategy with the passes text, call, again and agents", "docs/examples/demo/strategy.yaml")
  .option("--seed <number>", "seed of the called parties", count, 20_260_101)
  .option("--keep", "leave the server running afterwards, until Ctrl-C")
  .action(async (options) => exit(await (await import("./command/demo.ts")).demo(options)));

program
  .command("lab")
  .description("run the far side for development: drachtio-server, FreeSWITCH, a carrier with called parties, a mail exchanger and an SMSC")
  .option("--host <address>", "IPv4 address to listen on", ipv4, "127.0.0.1")
  .option("--admin-port <port>", "drachtio's admin port", port, 9022)
  .option("--sip-port <port>", "drachtio's SIP port", port, 5060)
  .option("--sip-tls-port <port>", "drachtio's SIP port for TLS", port, 5061)
  .option("--esl-port <port>", "FreeSWITCH's event socket", port, 8021)
  .option("--carrier-port <port>", "the carrier's SIP port", port, 5070)
  .option("--carrier-tls-port <port>", "the carrier's SIP port for TLS", port, 5072)
  .option("--phones-port <port>", "SIP port of the agents' telephones", port, 5074)
  .option("--mail-port <port>", "the mail exchanger's SMTP port", port, 2525)
  .option("--smsc-port <port>", "the SMSC's port", port, 2775)
  .option("--control-port <port>", "HTTP port for the books and for control", port, 5071)
  .option("--capture-port <port>", "where drachtio sends copies of its SIP (default: 9060, with --any-port nowhere)", port)
  .option("--any-port", "take free ports instead; the line printed at the start says which")
  .option("--secret <text>", "drachtio's secret", "lab-secret")
  .option("--password <text>", "FreeSWITCH's password", "lab-password")
  .option("--pace <factor>", "how slow the called parties are: 1 is lifelike", number, 1)
  .option("--seed <number>", "seed of all chance", count)
  .option(
    "--drachtio <count>",
    "how many drachtio-servers; each but the first is a process of its own, on the admin port above the one before",
    count,
    1,
  )
  .option("--freeswitch <count>", "the same for FreeSWITCH and its event socket", count, 1)
  .option("--phones <count>", "how many telephones of agents there are: sip:agent-1@HOST:PORT, …", count, 0)
  .option("--discard-audio", "do not keep what the called parties heard")
  .action(async (options) => exit(await (await import("./command/lab.ts")).lab(options)));

addUpkeepCommands(program);

addListCommands(program, command);
addIvrCommands(program);

program
  .command("amd <files...>")
  .description("say of recordings of answered calls (WAV) who answered: a person, a machine, a fax; with the reason and what was heard when")
  .addOption(new Option("--profile <name>", "whom such calls reach: homes or businesses").choices(["b2c", "b2b"]).default("b2b"))
  .option("--plot", "draw level, speech and decision into an SVG file beside each recording")
  .option("--json", "as JSON, a line for each file, for programs")
  .action(async (files, options) => exit(await (await import("./command/amd.ts")).detect(files, options)));

program
  .command("simulate")
  .description(
    "what a team of agents and a list would come to: occupancy, abandoned people, dials, when the list ends; in virtual time, by the pacer the server uses",
  )
  .option("--agents <count>", "agents", count, 12)
  .option("--contacts <count>", "how long the list is; each is called once (default: it does not end)", count)
  .option("--hit-rate <percent>", "calls that a person answers", figure, 30)
  .option("--ring-s <seconds>", "how long it rings until a person answers, on average", number, 12)
  .option("--talk-s <seconds>", "how long a conversation lasts, on average", number, 120)
  .option("--wrap-s <seconds>", "work after it, on average", number, 20)
  .option("--hours <hours>", "hours a day", number, 8)
  .option("--days <count>", "days, at most", count, 1)
  .option("--target <percent>", "people abandoned, of those who answer (default: 2.7, below ten agents 2.5)", figure)
  .option("--lines <count>", "lines for each free agent of the progressive day beside it", number, 1)
  .option("--compare", "beside a ratio dialler, and one that knows everything, too")
  .option("--seed <number>", "seed of the people called", count, 20_260_101)
  .option("--log <file>", "write the pacing log there, for carillon pacing replay")
  .option("--json", "as JSON, for programs")
  .action(async (options) => (await import("./command/simulate.ts")).simulateDays(options));

program
  .command("pacing")
  .description("the pacer of campaigns with agents")
  .command("replay <file>")
  .description("make every choice of a pacing log again; exits 1 at the first that is another one, and shows it")
  .action(async (file) => exit(await (await import("./command/pacing-replay.ts")).replayPacing(file)));

const server = program.command("server").description("the FreeSWITCH and drachtio servers that carry the calls");
command(server, "list", "the servers as every running node sees them, with their sessions")
  .option("--json", "as JSON, for programs")
  .action(async (options) => console.log(await (await import("./command/server.ts")).listServers(options)));
for (const order of ["drain", "resume"] as const) {
  const about = { drain: "place no new calls on a server, for maintenance; calls that are up go on", resume: "place calls on it again" }[order];
  command(server, `${order} <name>`, about).action(async (name, options) =>
    console.log(await (await import("./command/server.ts")).drainServer(name, order === "drain", options)),
  );
}

const campaign = addCampaignCommands(program);
addComplianceCommands(program, campaign, command);
addSuppressionCommands(program, campaign, command);
addNumberCommands(program, campaign, command);
addPrivacyCommands(program, command);
addWebhookCommands(program, command);

const trunk = program.command("trunk").description("SIP trunks: how they stand, adding and trying them");
const trunkOrder = (usage: string, about: string) => asksServer(command(trunk, usage, about));
asksServer(
  command(trunk, "list", "the trunks of the configuration and those added over the API, and how they stand on the running server"),
  "an API key: without one neither lines in use nor reasons are told",
  false,
)
  .option("--json", "as JSON, for programs; with a key")
  .action(async (options) => console.log(await (await import("./command/trunk.ts")).listTrunks(options)));
trunkOrder("show <name>", "how a trunk stands, and its settings but the password")
  .option("--json", "as JSON, for programs")
  .action(async (name, options) => console.log(await (await import("./command/trunk.ts")).showTrunk(name, options)));
const passwordFile = ["--password-file <file>", "file whose first line is the password; - for standard input"] as const;
trunkOrder("add <name> <settings...>", "add a trunk on every node; settings as in the configuration: host=sip.carrier.example maxCps=5 …")
  .option(...passwordFile)
  .action(async (name, settings, options) => console.log(await (await import("./command/trunk-write.ts")).addTrunk(name, settings, options)));
trunkOrder("change <name> [settings...]", "change settings of a trunk that was added; calls that are up go on")
  .option("--unset <setting>", "take a setting back to its default; may be given again", several)
  .option(...passwordFile)
  .action(async (name, settings, options) => console.log(await (await import("./command/trunk-write.ts")).changeTrunk(name, settings, options)));
trunkOrder("remove <name>", "remove a trunk that was added; calls that are up on it go on to their end")
  .option("--force", "also while routes and campaigns use it")
  .action(async (name, options) => console.log(await (await import("./command/trunk-write.ts")).removeTrunk(name, options)));
trunkOrder("reseal", "after a change of secret.key: seal the passwords of trunks with the present key").action(async (options) =>
  console.log(await (await import("./command/trunk-write.ts")).resealTrunks(options)),
);
trunkOrder("reload", "have the running server read its configuration anew; calls that are up go on").action(async (options) =>
  console.log(await (await import("./command/trunk.ts")).reloadTrunks(options)),
);
command(trunk, "test <name>", "place one call over a trunk, say what is seen step by step, and explain what goes wrong")
  .requiredOption("--to <number>", "number to call, in E.164 form")
  .option("--caller-id <number>", "number to show (default: the first of a pool that the trunk may show)")
  .option("--ring-s <seconds>", "how long it may ring", count, 30)
  .action(async (name, options) => exit(await (await import("./command/trunk-test.ts")).testTrunk(name, options)));

addSettingCommands(program, command);
addPromptCommands(program, command);
addTemplateCommands(program, command);
addStrategyCommands(program, command);
addMessageCommands(program, command);

const attempt = program.command("attempt").description("calls and messages to people, one by one");
command(attempt, "list <campaign>", "what a campaign did, the oldest first")
  .addOption(new Option("--result <result>", "only what ended like that").choices([...resultNames]))
  .option("--contact <id>", "only with this contact")
  .option("--inbound", "calls from outside, not those that were placed")
  .option("--json", "as JSON, one attempt a line, for programs")
  .action(async (name, options) => (await import("./command/attempt-list.ts")).listAttempts(name, options, console.log));
command(attempt, "show <id>", "what happened on a call, message by message, and what to do about it")
  .option("--json", "as JSON, for programs")
  .option("--sip", "the SIP messages as text, as far as they are kept")
  .action(async (id, options) => console.log(await (await import("./command/attempt.ts")).showAttempt(id, options)));

const mail = program.command("mail").description("e-mails that came in, and trying how one looks");
command(mail, "list", "bounces, complaints, answers and whatever else came in, the oldest first")
  .option("--campaign <name>", "only of this campaign")
  .addOption(new Option("--kind <kind>", "only of this kind").choices([...mailKinds]))
  .option("--json", "as JSON, for programs, with their texts")
  .action(async (options) => console.log(await (await import("./command/mail.ts")).listMails(options)));
asksServer(command(mail, "pools", "the servers that take our e-mail, and how they stand"))
  .option("--json", "as JSON, for programs")
  .action(async (options) => console.log(await (await import("./command/means.ts")).listPools(options)));
command(mail, "show <id>", "one of them, with its text").action(async (id, options) =>
  console.log(await (await import("./command/mail.ts")).showMail(id, options)),
);

command(mail, "test <template>", "send the current version of a template to one mailbox; nothing is recorded")
  .requiredOption("--sender <name>", "who it is from, a name under email.senders")
  .requiredOption("--to <mailbox>", "who it is for")
  .option("--contact <file>", "a CSV file as for import: the columns of its first contact")
  .option("--field <name=value...>", "a column of the contact, over its own")
  .action(async (template, options) => console.log(await (await import("./command/mail-test.ts")).testMail(template, options)));

const spool = program.command("spool").description("what a node could not write");
command(spool, "replay <file>", "write the unwritten-NODE.jsonl of a node that does not come back").action(async (file, options) =>
  console.log(await (await import("./command/spool.ts")).replaySpool(file, options)),
);

command(program, "agent", "an agent's desk in this terminal: ready and not ready, people, callbacks, dispositions")
  .addOption(new Option("--url <url>", "where the server's API is (default: where the configuration has it)").env("CARILLON_URL"))
  .addOption(new Option("--key <key>", "the agent's key").env("CARILLON_AGENT_KEY"))
  .action(async (options) => exit(await (await import("./command/agent.ts")).agent(options)));

addStaffCommands(program, command);

const phone = program.command("phone").description("agents' telephones");
const phoneOrder = (usage: string, about: string) => asksServer(command(phone, usage, about));
phoneOrder("show <agent>", "where an agent, by name or id, is called, and what has registered as their device")
  .option("--json", "as JSON, for programs")
  .action(async (agent, options) => console.log(await (await import("./command/phone.ts")).showPhone(agent, options)));
phoneOrder("set <agent>", "call an agent at a SIP URI, at a number over a trunk, or wherever a device of theirs registers")
  .option("--uri <uri>", "SIP URI; its host has to be among phones.hosts")
  .option("--number <number>", "number in E.164 form, with --trunk and --caller-id")
  .option("--trunk <name>", "trunk or route over which the number is called")
  .option("--caller-id <number>", "what is shown where the trunk may not show the campaign's number")
  .option("--username <name>", "as whom devices register, with --password-file")
  .option(...passwordFile)
  .option("--on-demand", "ring it for each call (default: keep it on the line from login to logout)")
  .action(async (agent, options) => console.log(await (await import("./command/phone.ts")).setPhone(agent, options)));
phoneOrder("reseal", "after a change of secret.key: seal the passwords of devices with the present key").action(async (options) =>
  console.log(await (await import("./command/phone.ts")).resealPhones(options)),
);
phoneOrder("remove <agent>", "take an agent's telephone away").action(async (agent, options) =>
  console.log(await (await import("./command/phone.ts")).removePhone(agent, options)),
);

addAccessCommands(program, command);
addReportCommands(program, command);

groupCommands(program);
tellUsageFaults(program);
program.hook("preAction", (_program, action) => {
  noteCommand(action);
  // Whoever reads the log of a server may leave; its calls stay.
  if (action.name() !== "serve") endWithReader(process.stdout);
});
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFault(error)}\n`);
  process.exitCode = 1;
}
