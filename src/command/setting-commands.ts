import type { Command } from "commander";
import { asksServer, several } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const load = () => import("./setting.ts");

/** The commands about routes, and about pools of caller ids. */
export function addSettingCommands(program: Command, command: MakeCommand): void {
  const each = (
    kind: "routes" | "pools",
    noun: string,
    about: string,
    example: string,
    words: { readonly list: string; readonly change: string },
  ) => {
    const parent = program.command(noun).description(about);
    const order = (usage: string, what: string) => asksServer(command(parent, usage, what));
    order("list", words.list)
      .option("--json", "as JSON, for programs")
      .action(async (options) => {
        const loaded = await load();
        console.log(await loaded.listSettings(loaded[kind], options));
      });
    order("add <name> <settings...>", `add one on every node; settings as in the configuration: ${example}`).action(
      async (name, settings, options) => {
        const loaded = await load();
        console.log(await loaded.addSetting(loaded[kind], name, settings, options));
      },
    );
    order("change <name> [settings...]", words.change)
      .option("--unset <setting>", "take a setting back to its default; may be given again", several)
      .action(async (name, settings, options) => {
        const loaded = await load();
        console.log(await loaded.changeSetting(loaded[kind], name, settings, options));
      });
    order("remove <name>", "remove one that was added")
      .option("--force", "also while campaigns use it; they wait then")
      .action(async (name, options) => {
        const loaded = await load();
        console.log(await loaded.removeSetting(loaded[kind], name, options));
      });
  };
  each("routes", "route", "routes: several trunks under one name", "trunks=carrier-a,carrier-b:2 (NAME:PRIORITY:WEIGHT)", {
    list: "the routes of the configuration and those added over the API, and why a trunk of theirs is down",
    change: "change settings of a route that was added; calls that are up go on",
  });
  each("pools", "pool", "pools of caller ids that campaigns show in turn", "numbers=+12125550100,+13125550100:+1312 (NUMBER:PREFIX…)", {
    list: "the pools of the configuration and those added over the API, and which numbers rest",
    change: "change settings of a pool that was added; what is known of its numbers stays",
  });
}
