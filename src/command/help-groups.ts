import type { Command } from "commander";

/** The commands under their headings, in the order in which somebody new comes to need them. */
const groups: Readonly<Record<string, readonly string[]>> = {
  "The server": ["serve", "doctor", "migrate", "backup", "restore", "server", "spool", "retention", "completion"],
  "On this machine alone": ["demo", "lab", "simulate", "pacing", "amd"],
  "Lists and people": ["import", "lists", "mapping", "feed", "lookup", "contact", "person", "bulk"],
  Campaigns: ["campaign", "strategy", "event", "report"],
  "Whom nobody may contact, and when": ["suppression", "consent", "cap", "calendar", "rule"],
  Scripts: ["script", "ivr", "prompt"],
  "Calls and trunks": ["attempt", "trunk", "route", "pool", "number"],
  "SMS and e-mail": ["template", "message", "mail"],
  Agents: ["agents", "group", "phone", "disposition", "reason", "supervision", "callback", "conversation", "agent"],
  "Access, and other systems": ["key", "user", "audit", "webhook", "stream"],
};

/** Shows the commands of `carillon --help` under headings: of sixty in one row nobody finds theirs. */
export function groupCommands(program: Command): void {
  const names = Object.values(groups).flat();
  const place = (command: Command) => (names.includes(command.name()) ? names.indexOf(command.name()) : names.length);
  // Headings stand in the order of their first commands.
  (program.commands as Command[]).sort((a, b) => place(a) - place(b));
  for (const command of program.commands) {
    const heading = Object.keys(groups).find((each) => groups[each]?.includes(command.name()));
    if (heading !== undefined) command.helpGroup(`${heading}:`);
  }
  program.helpCommand("help [command]", "the options of a command, as COMMAND --help");
}
