import { type Command, Option } from "commander";
import { roles } from "../access/role.ts";
import { count, exit, several } from "./arguments.ts";

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, usage: string, about: string) => Command;

const loadUsers = () => import("./user-account.ts");
const loadAudit = () => import("./audit.ts");
const loadKeys = () => import("./key.ts");

/** The commands about who may do what. */
export function addAccessCommands(program: Command, command: MakeCommand): void {
  const key = program.command("key").description("API keys");
  command(key, "create <name>", "make an API key; it is shown once")
    .addOption(new Option("--role <role>", "what it may do (default: admin)").choices([...roles]))
    .option("--group <name>", "limit it to the campaigns and people of this group; may be given again", several)
    .option("--expires <days>", "after how many days it ends (default: never)", count)
    .action(async (name, options) => console.log(await (await loadKeys()).createKey(name, options)));
  command(key, "list", "all keys, what each may do, and when it was used last")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await loadKeys()).listKeys(options)));
  command(key, "revoke <id>", "revoke a key: it opens nothing any more").action(async (id, options) =>
    console.log(await (await loadKeys()).revokeKey(id, options)),
  );

  const user = program.command("user").description("people who log in");
  const grants = (usage: string, about: string) =>
    command(user, usage, about)
      .addOption(new Option("--role <role>", "what they may do").choices([...roles]))
      .option("--group <name>", "limit them to the campaigns and people of this group; may be given again", several);
  grants("add <name>", "add somebody; what is printed lets them choose a password (default role: read-only)")
    .option("--password-file <file>", "or give them one: file whose first line it is; - for standard input")
    .action(async (name, options) => console.log(await (await loadUsers()).addUserAccount(name, options)));
  command(user, "list", "all users, and what each may do")
    .option("--json", "as JSON, for programs")
    .action(async (options) => console.log(await (await loadUsers()).listUserAccounts(options)));
  grants("change <name>", "change what somebody may do; they log in anew")
    .option("--all-groups", "limit them to no groups any more")
    .action(async (name, options) => console.log(await (await loadUsers()).changeUserAccount(name, options)));
  command(user, "invite <name>", "have somebody choose a new password; the one they have does not hold any more")
    .option("--without-second-factor", "and take away their second factor, which was lost")
    .action(async (name, options) => console.log(await (await loadUsers()).inviteUserAccount(name, options)));
  command(user, "deactivate <name>", "let somebody log in no more").action(async (name, options) =>
    console.log(await (await loadUsers()).setUserActive(name, false, options)),
  );
  command(user, "activate <name>", "let them log in again").action(async (name, options) =>
    console.log(await (await loadUsers()).setUserActive(name, true, options)),
  );
  command(user, "logout <name>", "end all sessions of somebody").action(async (name, options) =>
    console.log(await (await loadUsers()).logOutUser(name, options)),
  );
  command(user, "reseal", "after a change of secret.key: seal second factors with the present key").action(async (options) =>
    console.log(await (await loadUsers()).resealUsers(options)),
  );

  const audit = program.command("audit").description("who changed what, over the API and by commands");
  command(audit, "list", "lines of the audit log, the oldest first")
    .option("--actor <name>", "only what this key, user or person at the machine did")
    .option("--target <path>", "only what happened to this, or below it, such as /api/v1/campaigns/7")
    .option("--after <line>", "begin behind this line", count)
    .option("--limit <count>", "how many, at most", count, 100)
    .option("--json", "as JSON, for programs, with what was before and after")
    .action(async (options) => console.log(await (await loadAudit()).listAudit(options)));
  command(audit, "verify", "read the whole audit log, and say whether anything in it was changed; exits 1 then").action(async (options) =>
    exit(await (await loadAudit()).verifyAuditLog(options)),
  );
}
