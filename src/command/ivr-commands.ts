import { type Command, Option } from "commander";
import { command, count, exit, number, percentage, several } from "./arguments.ts";

/** The commands about IVR scripts: those that are published, and those that need no telephone. */
export function addIvrCommands(program: Command): void {
  const script = program.command("script").description("published IVR scripts and their versions");
  const loadScript = () => import("./script.ts");
  const shown = (usage: string, about: string) => command(script, usage, about).option("--json", "as JSON, for programs");
  shown("publish <file>", "check a script and publish it as the next version of its name")
    .option("--note <text>", "why, for the history")
    .action(async (file, options) => (await loadScript()).publish(file, options));
  shown("list", "all scripts, with the version that is current").action(async (options) => (await loadScript()).list(options));
  shown("show <name>", "the text of a script")
    .option("--version <number>", "this version (default: the current one)", count)
    .action(async (name, options) => (await loadScript()).show(name, options));
  shown("history <name>", "which version was current since when, by whom and why").action(async (name, options) =>
    (await loadScript()).history(name, options),
  );
  shown("diff <name>", "what changed from one version to another")
    .argument("<from>", "number of a version", count)
    .argument("<to>", "number of a version", count)
    .action(async (name, from, to, options) => (await loadScript()).diff(name, from, to, options));
  shown("rollback <name>", "make an older version current again")
    .requiredOption("--to <number>", "the version", count)
    .option("--note <text>", "why, for the history")
    .action(async (name, options) => (await loadScript()).rollback(name, options));

  const ivr = program.command("ivr").description("IVR scripts without a telephone");
  command(
    ivr,
    "lint [paths...]",
    "look for mistakes in scripts; each with its place and how to mend it. A path is a script, or a folder with scripts (default: ivr-scripts)",
  )
    .option("--columns <names>", "columns of the contact list, with commas between them")
    .addOption(new Option("--list <name>", "an imported list, whose columns are taken").conflicts("columns"))
    .option("--recordings <directory>", "where the recordings named by file: are (default: prompts.recordingsDir)")
    .option("--uploaded", "recordings may also be prompts that were uploaded (carillon prompt): the database is asked")
    .option("--max-call-s <seconds>", "longest call of the campaign, where that is less than the script's", number)
    .option("--strict", "fail on warnings too")
    .option("--json", "as JSON, for programs")
    .action(async (paths, options) => exit(await (await import("./ivr-lint.ts")).lint(paths.length > 0 ? paths : ["ivr-scripts"], options)));
  command(
    ivr,
    "test [paths...]",
    "run the tests of scripts (NAME.test.yaml beside NAME.yaml); a path is a script, a file of tests or a folder (default: ivr-scripts)",
  )
    .option("--call", "play each case as a real call too, on this machine alone; both must agree")
    .option("--seed <number>", "seed of all chance on those calls", count, 1)
    .option("--uploaded", "play prompts that were uploaded (carillon prompt) on those calls too: the database is asked")
    .option("--min-coverage <percent>", "fail when less of a script's steps is tried", percentage)
    .option("--json", "as JSON, for programs")
    .action(async (paths, options) => exit(await (await import("./ivr-test.ts")).testScripts(paths.length > 0 ? paths : ["ivr-scripts"], options)));
  ivr
    .command("graph <file>")
    .description("draw a script: Mermaid text, or a picture with --svg")
    .option("--svg <file>", "write an SVG picture there (- for standard output)")
    .action(async (file, options) => exit(await (await import("./ivr-graph.ts")).drawGraph(file, options)));
  ivr
    .command("walk <file>")
    .description("play a script in this terminal, the keyboard being the keypad; on a pipe each line is what happens next")
    .option("--contact <file>", "CSV file; its first contact is called")
    .option("--field <name=value>", "a column of the contact, over its own; may be given again", several)
    .addOption(new Option("--verdict <who>", "who answers").choices(["human", "machine", "unknown", "fax"]).default("human"))
    .option(
      "--at <time>",
      "when it takes place: 2026-12-24T18:30 on the contact's clock (time_zone, else the script's zone), or with an offset (default: now)",
    )
    .option("--no-wait", "no time-outs: silence is when Enter is pressed")
    .action(async (file, options) => exit(await (await import("./ivr-walk.ts")).walkScript(file, options)));
  command(ivr, "call <file>", "call a SIP telephone and take whoever answers through a script; nothing is written or sent")
    .requiredOption("--to <address>", "the telephone: sip:USER@HOST or sip:USER@HOST:PORT")
    .option("--lab", "without drachtio-server and FreeSWITCH: Carillon's own, on this machine")
    .option("--contact <file>", "CSV file; its first contact is called")
    .option("--field <name=value>", "a column of the contact, over its own; may be given again", several)
    .addOption(new Option("--verdict <who>", "who is taken to have answered").choices(["human", "machine", "unknown", "fax"]).default("human"))
    .option("--ring-s <seconds>", "how long it may ring", count, 30)
    .option("--webhooks", "ask the configured webhooks; they do what they do")
    .option("--uploaded", "play prompts that were uploaded (carillon prompt) too: the database is asked")
    .action(async (file, options) => exit(await (await import("./ivr-call.ts")).callScript(file, options)));
  command(ivr, "say <file>", "write what a step says into a WAV file, as it is heard on a telephone")
    .requiredOption("--step <name>", "the step")
    .option("--contact <file>", "CSV file; its first contact is spoken to")
    .option("--field <name=value>", "a value that is spoken, over the contact's own; may be given again", several)
    .option("--language <tag>", "one of the script's languages (default: as a call to this contact begins)")
    .option("--recordings <directory>", "where the recordings named by file: are (default: prompts.recordingsDir)")
    .option("--uploaded", "speak prompts that were uploaded (carillon prompt) too: the database is asked")
    .option("--out <file>", "where it is written (default: the step's name, .wav)")
    .action(async (file, options) => (await import("./ivr-say.ts")).say(file, options));
}
