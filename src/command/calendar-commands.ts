import type { Command } from "commander";

type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./calendar.ts");

/** The commands about the account's own holiday calendars. */
export function addCalendarCommands(program: Command, command: MakeCommand): void {
  const calendar = program.command("calendar").description("days of your own on which nobody is contacted");
  command(calendar, "set <name> [days...]", "make a calendar, or change it: US 2026-12-24 12-24..01-02 11-thu-4 easter+1 US-NY,US-CT:02-12")
    .option("--meaning <text>", "what it is for, for people; of one that is there: as it was")
    .option("--file <file>", "with a day on each line, and what is behind a # for people")
    .action(async (name, days, options) => console.log(await (await load()).setCalendar(name, days, options)));
  command(calendar, "list", "the calendars")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await load()).listCalendars(options)));
  command(calendar, "show <name>", "the days of a calendar, and every version of it")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await load()).showCalendar(name, options)));
  command(calendar, "remove <name>", "take a calendar away that no campaign names any more").action(async (name, options) =>
    console.log(await (await load()).removeCalendar(name, options)),
  );
}
