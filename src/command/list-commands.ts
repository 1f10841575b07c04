import { type Command, Option } from "commander";
import { existingModes } from "../contact/ports.ts";
import { count, exit, several } from "./arguments.ts";
import { addBulkCommands } from "./bulk-commands.ts";
import { addLookupCommands } from "./lookup-commands.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

/** The commands about lists and the people on them. */
export function addListCommands(program: Command, command: MakeCommand): void {
  command(program, "import <file>", "import a contact list: CSV and other delimited text, workbooks (.xlsx), NDJSON, lines of fixed width")
    .requiredOption("--list <name>", "name of the list")
    .option("--append", "add to a list that exists; who is on it already is a duplicate")
    .addOption(
      new Option(
        "--existing <what>",
        "people who are on the list already get the file's fields and addresses; with replace, whoever is not in the file leaves it",
      )
        .choices(existingModes)
        .conflicts("append"),
    )
    .option("--enter", "who is new on the list comes into the campaigns that run on it")
    .option("--dry-run", "change nothing: say what would become of the file")
    .option("--mapping <name>", "which column is what: a YAML or JSON file, or the name of a mapping that is kept")
    .option("--country <code>", "country of numbers without a country code, such as US")
    .addOption(new Option("--email <column...>", "columns with mailboxes (default: those called email, e_mail, mail, …)").conflicts("mapping"))
    .option("--lookup <names...>", "have those who come in looked up (carillon lookup list); the servers that run do it, in the background")
    .option("--wait", "with --lookup: until everybody is")
    .option("--rejects <file>", "where rows that cannot be used are written (default: beside FILE)")
    .action(async (file, options) => exit(await (await import("./import.ts")).importFile(file, options)));

  command(program, "lists", "the contact lists: ids for the API, names for commands")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./lists.ts")).listLists(options)));

  const mapping = program.command("mapping").description("which column of a file is what, for files that come again");
  command(mapping, "keep <name> <file>", "keep a mapping, a YAML or JSON file, under a name").action(async (name, file, options) =>
    console.log(await (await import("./mapping.ts")).keepMapping(name, file, options)),
  );
  command(mapping, "list", "the mappings that are kept")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./mapping.ts")).listMappings(options)));
  command(mapping, "show <name>", "one of them, as YAML").action(async (name, options) =>
    console.log(await (await import("./mapping.ts")).showMapping(name, options)),
  );
  command(mapping, "remove <name>", "forget one").action(async (name, options) =>
    console.log(await (await import("./mapping.ts")).removeMapping(name, options)),
  );

  const feed = program.command("feed").description("folders, here and on SFTP servers, from which lists come in by themselves");
  command(feed, "list", "the feeds, and what trouble they have")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await import("./feed.ts")).listFeeds(options)));
  command(feed, "show <name>", "one of them, and its last runs")
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await import("./feed.ts")).showFeed(name, options)));
  command(feed, "runs [name]", "what they took, or put there; the newest first")
    .option("--limit <count>", "so many", count, 20)
    .option("--json", "as JSON, for programs")
    .action(async (name, options) => console.log(await (await import("./feed.ts")).listFeedRuns(name, options)));
  command(feed, "run <name>", "have it looked at once").action(async (name, options) =>
    console.log(await (await import("./feed.ts")).runFeed(name, options)),
  );

  addLookupCommands(program, command);
  addBulkCommands(program, command);

  const contact = program.command("contact").description("the people on a list, one at a time, also while campaigns run on it");
  command(contact, "list <list>", "who stands on a list, in the order in which they came")
    .option("--json", "as JSON, one person a line, for programs")
    .action(async (list, options) => (await import("./contact-show.ts")).listContacts(list, options, console.log));
  command(contact, "show <list> <contact>", "somebody (id, client id, number or mailbox) with all addresses and fields")
    .option("--json", "as JSON, for programs")
    .action(async (list, who, options) => console.log(await (await import("./contact-show.ts")).showOne(list, who, options)));
  command(contact, "add <list>", "put somebody on a list, and into the campaigns that run on it")
    .option("--number <number>", "a telephone number; may be given again, in the order in which they are tried", several)
    .option("--email <mailbox>", "a mailbox; may be given again", several)
    .option("--client-id <id>", "the customer's own id of the person")
    .option("--time-zone <zone>", "IANA zone, such as America/Chicago")
    .option("--field <name=value>", "something that scripts and templates may use; may be given again", several)
    .option("--no-enter", "on the list only")
    .action(async (list, options) => console.log(await (await import("./contact.ts")).addContact(list, options)));
  command(contact, "change <list> <contact>", "change somebody (id, client id, number or mailbox); what is not named stays")
    .option("--number <number>", "a telephone number; with --email all addresses from now on, in the order in which they are tried", several)
    .option("--email <mailbox>", "a mailbox; may be given again", several)
    .option("--time-zone <zone>", "IANA zone, such as America/Chicago; none takes it away")
    .option("--field <name=value>", "something that scripts and templates may use; may be given again", several)
    .option("--drop-field <name>", "a field that is taken away; may be given again", several)
    .action(async (list, who, options) => console.log(await (await import("./contact.ts")).changeContact(list, who, options)));
  command(contact, "withdraw <list> <contact>", "take somebody (id, client id, number or mailbox) off a list and out of every campaign").action(
    async (list, who, options) => console.log(await (await import("./contact.ts")).withdrawContact(list, who, options)),
  );
}
