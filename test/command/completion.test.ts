import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { shells } from "../../src/command/completion.ts";
import { openFolder } from "../harness/lab-process.ts";
import { cli, runCli } from "../harness/serve-process.ts";

t.test("completion: the shells that are here read it, and offer commands, options and values", async (t) => {
  const folder = openFolder(t);
  const scripts = new Map<string, string>();
  for (const shell of shells) {
    const { code, stdout } = await runCli(t, ["completion", shell], { cwd: folder });
    t.equal(code, 0);
    scripts.set(shell, join(folder, shell));
    writeFileSync(join(folder, shell), stdout);
  }
  const unknown = await runCli(t, ["completion", "tcsh"], { cwd: folder });
  t.equal(unknown.code, 1);
  t.match(unknown.stderr, /bash, zsh, fish/);

  const offered = (...words: readonly string[]) => {
    const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _carillon; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", ask, scripts.get("bash") ?? "", "carillon", ...words], { encoding: "utf8" })
      .trim()
      .split("\n");
  };
  t.ok(["serve", "campaign", "completion"].every((name) => offered("").includes(name)));
  t.same(offered("campaign", "sho"), ["show"]);
  t.ok(offered("campaign", "list", "--").includes("--config"));
  t.same(offered("serve", "--wor"), [""], "nothing that is for processes alone");
  t.same(offered("campaign", "--config", "campaign", "sho"), ["show"], "the value of an option is no command");
  t.ok(
    offered("completion", "").every((word) => word === ""),
    "files, where there is nothing to offer",
  );
  const values = /\[' (\S[^']*) (--\S+)'\]='(\S+ [^']+)'/.exec(readFileSync(scripts.get("bash") ?? "", "utf8"));
  if (values)
    t.same(offered(...(values[1] ?? "").split(" "), values[2] ?? "", ""), (values[3] ?? "").split(" "), `values of ${values[1]} ${values[2]}`);
  else t.fail("no option has values to choose from");

  const there = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;
  if (there("fish")) {
    const asked = ["-c", `source ${scripts.get("fish")}; complete -C"carillon campaign sho"`];
    t.match(execFileSync("fish", asked, { encoding: "utf8", env: { ...process.env, HOME: folder } }), /^show\t/);
  } else t.comment("fish is not installed: not tried");
  if (there("zsh")) execFileSync("zsh", ["-n", scripts.get("zsh") ?? ""]);
  else t.comment("zsh is not installed: not tried");
});

t.test("whoever reads no more ends the command, without a word", async (t) => {
  const child = spawn(process.execPath, [cli, "completion", "bash"], { stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => child.kill());
  // Before it has begun to write.
  child.stdout.destroy();
  let wrong = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    wrong += text;
  });
  const [code] = await once(child, "close");
  t.same([code, wrong], [141, ""], "as a program that SIGPIPE ends");
});
