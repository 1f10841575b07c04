import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

/** A folder to run commands in, whose carillon.yaml has a database of its own and one trunk, `lab`. Gone when the file of tests is. */
export async function openCommands() {
  const folder = openFolder(t);
  const database = await openTestDatabase(t);
  const stores = await openStores({ url: database.url, clock: systemClock, log: silentLog, poolSize: 2 });
  t.teardown(() => stores.close());
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  file("carillon.yaml", JSON.stringify({ database: { url: database.url }, trunks: [{ name: "lab", host: "127.0.0.1" }] }));
  const carillon = (t: Test, ...words: readonly string[]) => runCli(t, words, { cwd: folder });
  return {
    folder,
    database,
    stores,
    file,
    carillon,
    /** A command that fails says why in one line, or in these many; 0: in any number. */
    async refused(t: Test, words: readonly string[], said: RegExp, lines = 1): Promise<string> {
      const { code, stdout, stderr } = await carillon(t, ...words);
      const name = words.join(" ");
      t.equal(code, 1, `${name}: exit code`);
      t.equal(stdout, "", `${name}: nothing on standard output`);
      t.match(stderr, said, name);
      t.match(stderr, /^carillon: /, `${name}: in the words of every fault`);
      t.notMatch(stderr, /\n\s+at /, `${name}: no stack`);
      if (lines > 0) t.equal(stderr.trimEnd().split("\n").length, lines, `${name}: so many lines\n${stderr}`);
      return stderr;
    },
  };
}

/** A script that lint has nothing to say about. @param needs more lines of its head */
export const greetingScript = (greeting = "Hello", needs = "") => `script: greeting
language: en-US
${needs}start: { human: hello }
steps:
  hello:
    menu: [{ say: "${greeting}. To stop these calls press 9." }]
    keys: { "9": stop }
    no_input: bye
    no_match: bye
  stop:
    suppress: { scope: account }
    play: [{ say: "You will not be called again." }]
    end: opted_out
  bye: { end: done }
`;
