import { Command } from "commander";
import t from "tap";
import { command, tellUsageFaults } from "../../src/command/arguments.ts";
import { addStaffCommands } from "../../src/command/staff-commands.ts";
import { world } from "../api/world.ts";

t.test("server and key may stand in the environment", async (t) => {
  const { app, key } = await world(t);
  const before = { ...process.env };
  t.teardown(() => {
    for (const name of ["CARILLON_URL", "CARILLON_KEY"]) delete process.env[name];
    Object.assign(process.env, before);
  });
  const program = (words: readonly string[]) => {
    let told = "";
    const made = new Command().exitOverride();
    addStaffCommands(made, command);
    tellUsageFaults(made);
    for (const each of made.commands.flatMap(({ commands }) => commands))
      each.exitOverride().configureOutput({
        writeErr(text) {
          told += text;
        },
      });
    return made.parseAsync(words, { from: "user" }).then(
      () => told,
      () => told,
    );
  };
  t.match(
    await program(["agents", "list"]),
    /^carillon: required option '--key <key>' not specified; CARILLON_KEY .* carillon key create makes one \(/,
    "what to do is said",
  );
  Object.assign(process.env, { CARILLON_URL: await app.listen({ host: "127.0.0.1", port: 0 }), CARILLON_KEY: key });
  const lines = t.capture(console, "log");
  t.equal(await program(["agents", "add", "Zoe"]), "");
  t.match(lines()[0]?.args[0], /^Agent Zoe is added/);
});
