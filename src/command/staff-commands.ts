import { Argument, type Command, Option } from "commander";
import { asksServer, count, countOrNone, moment, several } from "./arguments.ts";
import { addDeskCommands } from "./desk-commands.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./staff.ts");

/** The commands about agents and their groups, by their names. */
export function addStaffCommands(program: Command, command: MakeCommand): void {
  const order = (parent: Command, usage: string, about: string) => asksServer(command(parent, usage, about));

  const agents = program.command("agents").description("the people who work as agents");
  order(agents, "list", "all agents, what each does now, and their groups with priority and skills")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listAgents(options)));
  order(agents, "add <name>", "add an agent").action(async (name, options) => console.log(await (await load()).addAgent(name, options)));
  order(agents, "key <name>", "make a key with which the agent logs in; it is shown only here").action(async (name, options) =>
    console.log(await (await load()).makeKey(name, options)),
  );
  order(agents, "remove <name>", "take an agent out; what they did stays").action(async (name, options) =>
    console.log(await (await load()).removeAgent(name, options)),
  );
  order(agents, "restore <name>", "let an agent in again").action(async (name, options) =>
    console.log(await (await load()).restoreAgent(name, options)),
  );
  const loadState = () => import("./agent-state.ts");
  order(agents, "state <name>", "say what an agent does; in a conversation it comes when that is over")
    .addArgument(new Argument("<state>").choices(["ready", "not-ready", "logged-out"]))
    .option("--reason <code>", "not-ready: why (default: supervisor)")
    .action(async (name, state, options) => console.log(await (await loadState()).setAgentState(name, state, options)));
  order(agents, "log <name>", "every state an agent was in, and what brought it about")
    .option("--from <time>", "only from then on, such as 2026-11-24", moment)
    .option("--to <time>", "only until then", moment)
    .option("--json", "as JSON, one state a line, for programs")
    .action(async (name, options) => (await loadState()).tellAgentLog(name, options, console.log));
  order(agents, "times <name>", "how long an agent was in each state")
    .requiredOption("--from <time>", "from when on, such as 2026-11-24 or 2026-11-24T08:00:00Z", moment)
    .option("--to <time>", "until when (default: now)", moment)
    .option("--json", "as JSON, in milliseconds, for programs")
    .action(async (name, options) => console.log(await (await loadState()).showAgentTimes(name, options)));
  order(agents, "rules <campaign>", "what the agents of a campaign see and may do, as YAML")
    .option("--from <file>", "replace it by this YAML file; what is left out is as by default")
    .option("--clear", "everything is as by default again")
    .action(async (campaign, options) => console.log(await (await import("./agent-rules.ts")).agentRules(campaign, options)));

  const group = program.command("group").description("groups of agents");
  order(group, "list", "all groups, with their agents and the campaigns they work for")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listGroups(options)));
  wrapUpOptions(order(group, "add <name>", "add a group"), " (default: 30)", " (default: 30)", " (default: 2)").action(async (name, options) =>
    console.log(await (await load()).addGroup(name, options)),
  );
  wrapUpOptions(order(group, "wrap-up <group>", "how long the agents of a group may write up a conversation; what is given is changed")).action(
    async (name, options) => console.log(await (await import("./wrap-up.ts")).setWrapUp(name, options)),
  );
  order(group, "join <group> <agent>", "put an agent into a group, or change what is given of their place in it")
    .option("--priority <number>", "1 to 10: 1 gets calls first (who joins: 5)", count)
    .option("--skill <skill>", "what they can do besides, such as spanish; may be given again; those they had are no more", several)
    .addOption(new Option("--without-skills", "take all skills away").conflicts("skill"))
    .action(async (name, agent, options) => console.log(await (await load()).joinGroup(name, agent, options)));
  order(group, "leave <group> <agent>", "take an agent out of a group").action(async (name, agent, options) =>
    console.log(await (await load()).leaveGroup(name, agent, options)),
  );
  order(group, "assign <group> <campaign>", "let a group work for a campaign").action(async (name, campaign, options) =>
    console.log(await (await load()).assignGroup(name, campaign, true, options)),
  );
  order(group, "unassign <group> <campaign>", "let a group work for a campaign no more").action(async (name, campaign, options) =>
    console.log(await (await load()).assignGroup(name, campaign, false, options)),
  );

  const callback = program.command("callback").description("who is to be called again by an agent");
  const loadCallbacks = () => import("./callback.ts");
  order(callback, "list", "who is to be called again, when, and how that stands")
    .option("--campaign <name>", "only of this campaign")
    .option("--ended", "also those that are done or canceled")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await loadCallbacks()).listCallbacks(options)));
  order(callback, "add <campaign> <contact>", "have somebody (id) called again, within the hours of the campaign")
    .requiredOption("--at <time>", "from when on, such as 2026-11-24T15:30:00Z")
    .option("--agent <name>", "only by this agent")
    .option("--fallback-at <time>", "from then on by any agent, where that one has not")
    .option("--note <text>", "what the agent is shown")
    .action(async (campaign, contact, options) => console.log(await (await loadCallbacks()).addCallback(campaign, contact, options)));
  order(callback, "cancel <id>", "call somebody back no more").action(async (id, options) =>
    console.log(await (await loadCallbacks()).cancelCallback(id, options)),
  );

  addDeskCommands(program, order);
}

/** How long agents may write up a conversation. */
function wrapUpOptions(group: Command, lasts = "", extension = "", times = ""): Command {
  return group
    .addOption(new Option("--wrap-up-s <seconds>", `how long its agents may write up a conversation${lasts}; 0: not at all`).argParser(countOrNone))
    .addOption(new Option("--open-end", "until they say that they are done").conflicts("wrapUpS"))
    .option("--extension-s <seconds>", `by how much they may put its end off${extension}`, countOrNone)
    .option("--extensions <count>", `how often${times}`, countOrNone);
}
