import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import t from "tap";
import { loadConfig } from "../../src/config/load.ts";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

t.setTimeout(60_000);

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answer = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
  socket.destroy();
  return answer;
}

t.test("lab: several servers, and the configuration for them", async (t) => {
  const child = spawn(process.execPath, [cli, "lab", "--any-port", "--drachtio", "2", "--freeswitch", "3", "--seed", "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    said.push(line);
    if (line.startsWith("# processes")) break;
  }
  const dir = t.testdir();
  const file = join(dir, "carillon.yaml");
  writeFileSync(file, said.slice(said.indexOf("# for carillon.yaml:")).join("\n"));
  const config = loadConfig({ env: {}, cwd: dir, flags: {}, file });
  const { drachtio, drachtioServers, freeswitch, trunks } = config;
  t.same(
    [drachtio, ...drachtioServers].map(({ name }) => name),
    ["drachtio-1", "drachtio-2"],
  );
  t.same(
    freeswitch.map(({ name }) => name),
    ["fs-1", "fs-2", "fs-3"],
  );
  t.equal(trunks.length, 1);
  const ports = [drachtio, ...drachtioServers, ...freeswitch].map(({ port }) => port);
  t.equal(new Set(ports).size, 5);
  t.same(await Promise.all(ports.map(listens)), [true, true, true, true, true], "all of them listen");
  const pids = [...(said.at(-1) ?? "").matchAll(/ (\d+)/g)].map(([, pid]) => Number(pid));
  t.equal(pids.length, 3, "those beside the first are processes of their own");
  process.kill(pids[0] ?? 0, "SIGSTOP");
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  t.equal(code, 0);
  t.same(await Promise.all(ports.map(listens)), [false, false, false, false, false], "and none is left, not even one that was stopped");
});
