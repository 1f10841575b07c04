import { type Command, Option } from "commander";
import { asksServer, exit } from "./arguments.ts";
import type { BulkOptions } from "./bulk.ts";
import type { BulkKind } from "./bulk-kinds.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const loadKinds = () => import("./bulk-kinds.ts");
type Kinds = Awaited<ReturnType<typeof loadKinds>>;

/** The commands that do one thing to many, as a file says. */
export function addBulkCommands(program: Command, command: MakeCommand): void {
  const bulk = program
    .command("bulk")
    .description("one thing done to many: FILE is CSV with a header, or NDJSON (.ndjson) with items as the API takes them; - for standard input");
  const order = (usage: string, about: string) =>
    asksServer(command(bulk, usage, about)).option("--json", "what became of each line, as NDJSON, for programs");
  const run = async (kind: BulkKind, file: string, options: BulkOptions) =>
    exit(await (await import("./bulk.ts")).runBulk(kind, file, options, (line) => console.log(line)));
  const simple = (usage: string, about: string, kindOf: (kinds: Kinds) => BulkKind) =>
    order(`${usage} <file>`, about).action(async (file, options) => run(kindOf(await loadKinds()), file, options));

  order("add-contacts <list> <file>", "put people on a list; carillon import takes more").action(async (list, file, options: BulkOptions) => {
    const { askOver, idOf } = await import("./named.ts");
    await run((await loadKinds()).addContacts(await idOf(askOver(options), "lists", list)), file, options);
  });
  simple("change-contacts", "change people, or take them off their lists", (kinds) => kinds.changeContacts);
  simple("suppress", "suppress numbers, mailboxes or people; carillon suppression load takes more", (kinds) => kinds.suppressMany);
  simple("end-suppressions", "end suppressions", (kinds) => kinds.endSuppressions);
  simple("add-users", "add users; the invitation of each is printed, once", (kinds) => kinds.addUsers);
  simple("change-users", "change what users may do, or whether they may log in", (kinds) => kinds.changeUsers);
  simple("create-keys", "make API keys; each is printed, once", (kinds) => kinds.createKeys);
  simple("revoke-keys", "revoke API keys", (kinds) => kinds.revokeKeys);
  for (const word of ["start", "pause", "resume", "stop"] as const)
    order(`${word}-campaigns <file>`, `${word} campaigns, one name a line under the header name`)
      .addOption(new Option("--strategy", "campaigns of strategies"))
      .action(async (file, { strategy, ...options }: BulkOptions & { readonly strategy?: boolean }) =>
        run((await loadKinds()).orderCampaigns(word, strategy ? "strategy-campaigns" : "campaigns"), file, options),
      );
}
