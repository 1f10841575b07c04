import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import t from "tap";
import { loadConfig } from "../../src/config/load.ts";
import { runCli } from "../harness/serve-process.ts";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

t.setTimeout(280_000);

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
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the lab ended before it said ${wanted}`);
      said.push(value);
      if (wanted.test(value)) return value;
    }
  };
  await heard(/^# processes/);
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
  t.match(trunks, [{ inbound: true }], "its people may call, too");
  const ports = [drachtio, ...drachtioServers, ...freeswitch].map(({ port }) => port);
  t.equal(new Set(ports).size, 5);
  t.same(await Promise.all(ports.map(listens)), [true, true, true, true, true], "all of them listen");
  const pids = [...(said.at(-1) ?? "").matchAll(/ (\d+)/g)].map(([, pid]) => Number(pid));
  t.equal(pids.length, 3, "those beside the first are processes of their own");
  process.kill(pids[1] ?? 0, "SIGKILL");
  const ended = await heard(/has ended/);
  t.equal(ended, `# fs-2 (process ${pids[1]}) has ended; kill -USR2 ${child.pid} starts it again`);
  t.equal(await listens(ports[3] ?? 0), false);
  child.kill("SIGUSR2");
  await heard(/^# fs-2 is there again: process \d+$/);
  t.equal(await listens(ports[3] ?? 0), true, "on the port that it had");
  process.kill(pids[0] ?? 0, "SIGSTOP");
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  t.equal(code, 0);
  t.same(await Promise.all(ports.map(listens)), [false, false, false, false, false], "and none is left, not even one that was stopped");
});

t.test("lab: an address or a port that it cannot have is told in a line, with the option", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.teardown(() => taken.close());
  await once(taken, "listening");
  const address = taken.address();
  const port = String(typeof address === "object" && address !== null ? address.port : 0);
  const all = ["admin", "sip", "sip-tls", "esl", "carrier", "carrier-tls", "control", "capture"].flatMap((name) => [`--${name}-port`, port]);
  const refused = async (...words: readonly string[]) => {
    const { code, stderr } = await runCli(t, ["lab", ...words], { cwd: "/" });
    t.equal(code, 1, stderr);
    return stderr;
  };
  const [busy, badPort, badHost] = await Promise.all([refused(...all), refused("--esl-port", "99999"), refused("--host", "nowhere")]);
  const advice = "Give it another one with --admin-port, or take free ports with --any-port.";
  t.equal(busy, `carillon: the lab's drachtio cannot listen: 127.0.0.1:${port} is in use already. ${advice}\n`);
  t.match(badPort, /^carillon: option '--esl-port .*must be a port, 1 to 65535.*\n$/);
  t.match(badHost, /^carillon: option '--host .*must be an IPv4 address.*\n$/);
});
