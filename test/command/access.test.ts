import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Command } from "commander";
import t, { type Test } from "tap";
import { authenticate } from "../../src/access/access-engine.ts";
import { addAccessCommands } from "../../src/command/access-commands.ts";
import { command } from "../../src/command/arguments.ts";
import { noteCommand } from "../../src/command/audited.ts";
import { describeFault } from "../../src/command/terminal.ts";
import { addUpkeepCommands } from "../../src/command/upkeep-commands.ts";
import { makeCampaign, openWorld } from "../adapter/stores-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";

/* The commands user, key, backup and restore, as the command line reads them, in this process. */

t.setTimeout(60_000);
const folder = openFolder(t);
const password = "a long sentence about herons";

/** Everything that any command has written, wherever. */
let written = "";

/** Runs the words of a command line. Its exit code, and what it writes, are as the process's would be. */
async function run(t: Test, database: string, ...words: readonly string[]) {
  const config = join(folder, "carillon.yaml");
  writeFileSync(config, JSON.stringify({ database: { url: database } }));
  const program = new Command("carillon").exitOverride().configureOutput({ writeErr: () => undefined });
  addAccessCommands(program, command);
  addUpkeepCommands(program);
  program.hook("preAction", (_program, action) => noteCommand(action));
  const log = t.capture(console, "log", () => {});
  const streams = [process.stderr, process.stdout].map((stream) => t.capture(stream, "write", () => true));
  let [code, fault] = [0, ""];
  try {
    await program.parseAsync([...words, "--config", config], { from: "user" });
    code = Number(process.exitCode ?? 0);
  } catch (error) {
    [code, fault] = [1, describeFault(error)];
  } finally {
    process.exitCode = undefined;
    log.restore();
    for (const stream of streams) stream.restore();
  }
  const stdout = log
    .args()
    .map((args) => args.join(" "))
    .join("\n");
  written += `${stdout}\n${fault}\n${streams.flatMap((stream) => stream.args().map(([text]) => String(text))).join("")}`;
  return { code, stdout, fault };
}

t.test("users, keys and backups at the command line", async (t) => {
  const { stores, url } = await openWorld(t);
  const at = (...words: readonly string[]) => run(t, url, ...words);
  const refused = async (words: readonly string[], said: RegExp) =>
    t.match(await at(...words), { code: 1, stdout: "", fault: said }, words.join(" "));
  const count = (text: string) => written.split(text).length - 1;
  const secrets: string[] = [];
  await stores.agents.addGroup("Sales", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });

  await t.test("key: made, listed, revoked", async (t) => {
    const made = await at("key", "create", "crm", "--role", "integrator", "--group", "Sales", "--expires", "30");
    t.match(made, { code: 0, stdout: /^carillon_\S{20,}$/ }, "the key and nothing else, for a program that reads it");
    secrets.push(made.stdout);
    t.match(await authenticate(stores.keys, `Bearer ${made.stdout}`), { name: "crm", role: "integrator", groupIds: ["1"] });
    t.match((await at("key", "list")).stdout, /^ID +NAME +ROLE +GROUPS +STATE +LAST USED\n1 +crm +integrator +Sales +holds until 2\d{3}-.*Z$/);
    const { stdout } = await at("key", "list", "--json");
    t.match(JSON.parse(stdout), [{ id: "1", name: "crm", role: "integrator", groupIds: ["1"], expiresAt: Number }]);
    t.notMatch(stdout, /hash/);
    t.match(await at("key", "revoke", "1"), { code: 0, stdout: "Key 1 is revoked." });
    t.match(await at("key", "revoke", "1"), { code: 0, stdout: "Key 1 had been revoked already." });
    // A server has a key in mind for a second.
    await until(async () => (await authenticate(stores.keys, `Bearer ${made.stdout}`)) === undefined, "it opens nothing any more");
    t.match((await at("key", "list")).stdout, /revoked 2\d{3}-/);
    await refused(["key", "revoke", "99"], /^carillon: There is no key 99; carillon key list shows them\.$/);
    await refused(["key", "revoke", "x"], /There is no key x/);
    await refused(["key", "create", ""], /^carillon: /);
    await refused(["key", "create", "x", "--group", "Slaes"], /no group "Slaes"; carillon group list/);
    await refused(["key", "create", "x", "--role", "boss"], /--role/);
    await refused(["key", "create", "x", "--role", "owner", "--group", "Sales"], /^carillon: /);
    await refused(["key", "create", "x", "--role", "agent"], /^carillon: /);
    await refused(["key", "create", "x", "--expires", "0"], /--expires/);
    t.equal(JSON.parse((await at("key", "list", "--json")).stdout).length, 1, "what was refused made none");
  });

  await t.test("user: added, invited, changed, shut out and let in again", async (t) => {
    t.match(await at("user", "list"), { code: 0, stdout: "NAME  ROLE  GROUPS  STATE  SECOND FACTOR  ADDED" });
    writeFileSync(join(folder, "password"), `${password}\nnot this\n`);
    secrets.push(password);
    const olga = await at("user", "add", "olga", "--role", "owner", "--password-file", join(folder, "password"));
    t.match(olga, { code: 0, stdout: "olga is added (owner), and may log in." });
    const ann = await at("user", "add", "ann@example.com", "--role", "supervisor", "--group", "Sales");
    t.match(ann, { code: 0, stdout: /^ann@example\.com is added \(supervisor\)\.\nGive them this invitation: .*\n\S{20,}$/ });
    const invitation = ann.stdout.split("\n").at(-1) ?? "";
    secrets.push(invitation);
    t.match((await at("user", "list")).stdout, /^olga +owner +active +no .*\nann@example\.com +supervisor +Sales +invited +no /m);
    const { stdout } = await at("user", "list", "--json");
    t.match(JSON.parse(stdout), [{ name: "olga", role: "owner", active: true, secondFactor: false }, { name: "ann@example.com" }]);
    t.notMatch(stdout, /argon2|"password"|sealedSeed|invitation/, "nothing that they log in with");

    const changed = await at("user", "change", "ann@example.com", "--role", "author", "--all-groups");
    t.match(changed, { code: 0, stdout: "ann@example.com is author now, and has to log in anew." });
    t.match(await stores.users.findByName("ann@example.com"), { role: "author", groupIds: undefined });
    const again = await at("user", "invite", "ann@example.com", "--without-second-factor");
    t.match(again, { code: 0, stdout: /^The password of ann@example\.com does not hold any more\.\n/ });
    const second = again.stdout.split("\n").at(-1) ?? "";
    secrets.push(second);
    t.not(second, invitation);
    t.match(await at("user", "deactivate", "ann@example.com"), { code: 0, stdout: /may not log in any more/ });
    t.match((await at("user", "list")).stdout, /ann@example\.com .* not active /);
    t.match(await at("user", "activate", "ann@example.com"), { code: 0, stdout: /may log in again/ });
    t.match(await at("user", "logout", "ann@example.com"), { code: 0, stdout: "ann@example.com is logged out: 0 sessions ended." });

    await refused(["user", "add", "olga"], /^carillon: .*olga/);
    await refused(["user", "add", "Olga Ivanova"], /A name has small letters/);
    await refused(["user", "add", "zoe", "--password-file", join(folder, "nothing")], /nothing cannot be read: /);
    writeFileSync(join(folder, "weak"), "short\n");
    await refused(["user", "add", "zoe", "--password-file", join(folder, "weak")], /^carillon: .*12/);
    await refused(["user", "add", "zoe", "--role", "owner", "--group", "Sales"], /^carillon: /);
    await refused(["user", "change", "olga", "--role", "author"], /^carillon: .*owner/);
    await refused(["user", "deactivate", "olga"], /^carillon: .*owner/);
    for (const verb of ["change", "invite", "deactivate", "activate", "logout"])
      await refused(["user", verb, "zoe"], /There is no user zoe; carillon user list shows them\./);
    t.equal(JSON.parse((await at("user", "list", "--json")).stdout).length, 2, "what was refused added nobody");
  });

  await t.test("backup and restore: into an empty database only, and nobody is called", async (t) => {
    await makeCampaign(stores, { name: "spring", people: 3 });
    const file = join(folder, "all.backup");
    const { code, stdout } = await at("backup", file, "--json");
    t.equal(code, 0);
    const made = JSON.parse(stdout);
    t.match(made, { file, rows: Number, tables: Number, bytes: statSync(file).size, schema: /^\d{8}/ });
    t.equal(statSync(file).mode & 0o077, 0, "nobody else on the machine reads it");
    t.match(await at("restore", file, "--check"), { code: 0, stdout: /: whole and undamaged\.$/ });
    t.match(JSON.parse((await at("restore", file, "--check", "--json")).stdout), { rows: made.rows, tables: made.tables, whole: true });
    await refused(["restore", file], /^carillon: Node node-1 runs on this database: stop it first\.$/);
    await refused(["restore", join(folder, "nothing.backup")], /^carillon: .*nothing\.backup/);
    const bytes = readFileSync(file);
    writeFileSync(join(folder, "cut.backup"), bytes.subarray(0, bytes.length - 40));
    await refused(["restore", join(folder, "cut.backup"), "--check"], /^carillon: .*cut\.backup/);
    await refused(["backup", join(folder, "no-such-folder", "x.backup")], /^carillon: /);

    const empty = await openTestDatabase(t, { migrated: false });
    const restored = await run(t, empty.url, "restore", file, "--json");
    t.equal(restored.code, 0, restored.fault);
    t.match(JSON.parse(restored.stdout), { rows: made.rows, campaigns: ["spring"], attempts: 0, messages: 0, migrated: [] });
    const told = await run(t, empty.url, "user", "list", "--json");
    t.equal(JSON.parse(told.stdout).length, 2, "everything is there");
    t.match(await run(t, empty.url, "restore", file), { code: 1, stdout: "", fault: /^carillon: .*empty/ }, "not over what is there");
    const held = gunzipSync(bytes).toString("latin1");
    for (const secret of secrets) t.notOk(held.includes(secret), "nothing that was shown once is in the file");
  });

  await t.test("what is shown once is shown once, and every command that changed something has its line", async (t) => {
    const { rows } = await stores.pool.query<{ action: string; line: string }>("select action, a::text as line from audit a order by id");
    for (const secret of secrets) {
      t.equal(count(secret), secret === password ? 0 : 1, "written once, or never where somebody gave it");
      t.notOk(rows.some(({ line }) => line.includes(secret)));
    }
    const actions = rows.map(({ action }) => action.replace("carillon ", ""));
    t.same(actions, [
      ...["key create", "key revoke", "key revoke"],
      ...["user add", "user add", "user change", "user invite", "user deactivate", "user activate", "user logout", "backup"],
    ]);
  });
});
