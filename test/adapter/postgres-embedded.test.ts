import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import t, { type Test } from "tap";
import { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { running } from "../../src/adapter/postgres/embedded-postmaster.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { type Log, silentLog } from "../../src/kernel/log.ts";
import { portForAnother } from "../harness/ports.ts";

const isRoot = process.getuid?.() === 0;

/** A directory that a server's user can pass into. */
async function directory(t: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "carillon-embedded-"));
  await chmod(made, 0o755);
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, ".carillon");
}

async function start(t: Test, dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log: silentLog, clock: systemClock, durable: false, ...more });
  t.teardown(() => database.stop());
  return database;
}

async function ask(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

interface Other {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adopted: boolean;
  end(): Promise<void>;
  kill(): Promise<void>;
}

/** Another Carillon on that directory, as a process of its own. */
async function otherProcess(t: Test, dataDir: string, identity: { uid?: number; gid?: number } = {}): Promise<Other> {
  const script = new URL("../harness/embedded-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, dataDir], { stdio: ["pipe", "pipe", "inherit"], cwd: "/", ...identity });
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  t.teardown(kill);
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), exited.then(() => [])]);
  if (typeof line !== "string") throw new Error("the other process ended before its database was up");
  const { url, adopted } = JSON.parse(line);
  const end = async () => {
    child.stdin.end();
    await exited;
  };
  return { child, url, adopted, end, kill };
}

function cluster(dataDir: string): string {
  return join(dataDir, "postgres", "data");
}

async function postmasterPid(dataDir: string): Promise<number> {
  const server = await running(cluster(dataDir));
  if (!server) throw new Error("no server runs");
  return server.pid;
}

/** Made by the first test and used by all that do not ask for a new one: a new one takes a second. */
const used = await directory(t);

t.test("a first start, passwords, a clean stop and a second start", async (t) => {
  const dataDir = used;
  // It is remembered; while no server has it nobody else may be given it.
  const first = await start(t, dataDir, { port: await portForAnother() });
  t.equal(first.adopted, false);
  await ask(first.url, "create table kept1 as select 42 as n");
  t.match(
    await ask(first.url, "select current_user as who, current_setting('is_superuser') as super, current_setting('server_encoding') as coding"),
    [{ who: "carillon", super: "off", coding: "UTF8" }],
  );
  t.match(
    await ask(
      first.adminUrl,
      "select current_setting('listen_addresses') as tcp, current_setting('unix_socket_directories') as unix, current_setting('data_checksums') as sums",
    ),
    [{ tcp: "127.0.0.1", unix: "", sums: "on" }],
  );

  const wrong = new URL(first.url);
  wrong.password = "guess";
  await t.rejects(ask(wrong.href, "select 1"), { code: "28P01" }, "a wrong password is refused");
  wrong.password = "";
  await t.rejects(ask(wrong.href, "select 1"), "no password is refused");
  await t.rejects(ask(first.url.replace(/\/carillon$/, "/postgres"), "select 1"), { code: "42501" }, "the owner has no business in other databases");
  t.equal((await stat(join(dataDir, "postgres"))).mode & 0o777, 0o700);
  t.equal((await stat(join(dataDir, "postgres", "credentials.json"))).mode & 0o777, 0o600);
  t.notOk(await stat(join(dataDir, "postgres", "password.new")).catch(() => undefined), "the password file for initdb is gone");
  if (isRoot) t.not((await stat(cluster(dataDir))).uid, 0, "started by root, the server has a user of its own");

  await first.stop();
  await first.stop();
  t.equal(await running(cluster(dataDir)), undefined, "no process is left");
  await t.rejects(ask(first.url, "select 1"), { code: "ECONNREFUSED" });

  const second = await start(t, dataDir);
  t.equal(second.url, first.url, "same port and password");
  t.match(await ask(second.url, "select n from kept1"), [{ n: 42 }]);
});

t.test("a server that outlived its killed Carillon is adopted, and stopped by the new one", async (t) => {
  const dataDir = used;
  const other = await otherProcess(t, dataDir);
  await ask(other.url, "create table kept2 as select 7 as n");
  const pid = await postmasterPid(dataDir);
  await other.kill();
  t.equal(await postmasterPid(dataDir), pid, "it lives on");
  const database = await start(t, dataDir);
  t.equal(database.adopted, true);
  t.equal(database.url, other.url);
  t.equal(await postmasterPid(dataDir), pid);
  t.match(await ask(database.url, "select n from kept2"), [{ n: 7 }]);
  await database.stop();
  t.equal(await running(cluster(dataDir)), undefined);
});

t.test("two processes share a directory: the first to leave leaves the server up", async (t) => {
  const dataDir = await directory(t);
  const [other, here, too] = await Promise.all([otherProcess(t, dataDir), start(t, dataDir), start(t, dataDir)]);
  t.equal(other.url, here.url);
  t.equal(too.url, here.url);
  t.equal([other, here, too].filter(({ adopted }) => !adopted).length, 1, "one of them started it");
  const pid = await postmasterPid(dataDir);
  await here.stop();
  await too.stop();
  t.equal(await postmasterPid(dataDir), pid);
  await ask(other.url, "select 1");
  await other.end();
  t.equal(other.child.exitCode, 0);
  t.equal(await running(cluster(dataDir)), undefined, "the last one stopped it");
});

t.test("both killed, the dead server not even reaped: its lock file is seen through, committed rows are there", async (t) => {
  const dataDir = used;
  const other = await otherProcess(t, dataDir);
  await ask(other.url, "create table kept4 as select generate_series(1, 1000) as n");
  const pid = await postmasterPid(dataDir);
  // Its parent is stopped and cannot reap it: the killed server stays as a zombie, which kill(pid, 0) takes for alive.
  other.child.kill("SIGSTOP");
  process.kill(pid, "SIGKILL");
  const database = await start(t, dataDir);
  t.match(await readFile(`/proc/${pid}/stat`, "utf8"), /\) Z /, "it is a zombie indeed");
  t.equal(database.adopted, false);
  t.match(await ask(database.url, "select count(*)::int as n from kept4"), [{ n: 1000 }]);
});

t.test("a lock file whose pid went to another living process of the same user", async (t) => {
  const dataDir = used;
  await (await start(t, dataDir)).stop();
  const { uid, gid } = await stat(cluster(dataDir));
  const stranger = spawn("/bin/sh", ["-c", "read line"], { cwd: "/", stdio: ["pipe", "ignore", "ignore"], ...(isRoot ? { uid, gid } : {}) });
  t.teardown(() => stranger.kill("SIGKILL"));
  await once(stranger, "spawn");
  const lockFile = join(cluster(dataDir), "postmaster.pid");
  await writeFile(lockFile, `${stranger.pid}\n${cluster(dataDir)}\n1700000000\n5432\n\n127.0.0.1\n 1 1\nready   \n`);
  if (isRoot) await chown(lockFile, uid, gid);
  const database = await start(t, dataDir);
  t.equal(database.adopted, false);
  await ask(database.url, "select 1");
  t.equal(stranger.exitCode, null, "the stranger was left alone");
});

t.test("a server that dies under a running Carillon comes back on the same port", async (t) => {
  const dataDir = used;
  let back = () => {};
  const isBack = new Promise<void>((resolve) => {
    back = resolve;
  });
  const log: Log = { ...silentLog, info: (_, message) => (message === "The database server is back" ? back() : undefined) };
  const database = await start(t, dataDir, { log });
  await ask(database.url, "create table kept6 as select 1 as n");
  const pid = await postmasterPid(dataDir);
  process.kill(pid, "SIGKILL");
  await isBack;
  t.not(await postmasterPid(dataDir), pid);
  t.match(await ask(database.url, "select n from kept6"), [{ n: 1 }]);
});

t.test("ports: one that was taken in the meantime is changed, one that was asked for is a fault", async (t) => {
  const dataDir = used;
  const before = await start(t, dataDir);
  await before.stop();
  const port = Number(new URL(before.url).port);
  const squatter = createServer().listen(port, "127.0.0.1");
  await once(squatter, "listening");
  t.teardown(() => squatter.close());
  await t.rejects(start(t, dataDir, { port }), { code: "database-port", message: new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use`) });
  const database = await start(t, dataDir);
  t.not(new URL(database.url).port, String(port));
  await ask(database.url, "select 1");
  await t.rejects(start(t, dataDir, { port }), { code: "database-port", message: /already running, on port/ });
});

t.test("what cannot be started says what to do", async (t) => {
  const dataDir = used;
  await (await start(t, dataDir)).stop();
  const file = join(dataDir, "a-file");
  await writeFile(file, "");
  await t.rejects(start(t, join(file, "below")), { code: "database-directory", message: /set database\.dataDir/ });

  const credentials = join(dataDir, "postgres", "credentials.json");
  const kept = await readFile(credentials);
  await writeFile(credentials, "{}");
  await t.rejects(start(t, dataDir), { code: "database-credentials" });
  await writeFile(credentials, kept);

  const control = join(cluster(dataDir), "global", "pg_control");
  const bytes = await readFile(control);
  await writeFile(control, bytes.subarray(0, 10));
  await t.rejects(start(t, dataDir), { code: "database-start", message: /pg_control/ });
  await writeFile(control, bytes);

  const version = join(cluster(dataDir), "PG_VERSION");
  await writeFile(version, "16\n");
  await t.rejects(start(t, dataDir), { code: "database-version", message: /PostgreSQL 16's, this Carillon brings 18.*pg_dump/ });
  await writeFile(version, "18\n");
  await ask((await start(t, dataDir)).url, "select 1");
});

t.test("a crash in the middle of making the cluster leaves nothing in the way", async (t) => {
  const dataDir = await directory(t);
  await mkdir(join(dataDir, "postgres", "data.new", "base"), { recursive: true });
  await writeFile(join(dataDir, "postgres", "data.new", "PG_VERSION"), "18\n");
  await writeFile(join(dataDir, "postgres", "credentials.json"), "{");
  t.match(await ask((await start(t, dataDir)).url, "select 1 as n"), [{ n: 1 }]);
  t.notOk(await stat(join(dataDir, "postgres", "data.new")).catch(() => undefined));
});

t.test("started by root, data that the server's user cannot reach lies elsewhere, and stays there", { skip: !isRoot && "not root" }, async (t) => {
  const closed = await mkdtemp(join(tmpdir(), "carillon-closed-"));
  t.teardown(() => rm(closed, { recursive: true, force: true }));
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (fields) => warned.push(String(fields["instead"])) };
  const database = await start(t, join(closed, ".carillon"), { log });
  const [instead] = warned;
  if (!instead) throw new Error("the log does not say where the data lies");
  t.teardown(() => rm(instead, { recursive: true, force: true }));
  t.match(instead, /^\/var\/lib\/carillon\/[0-9a-f]{12}$/);
  await ask(database.url, "create table kept as select 3 as n");
  await database.stop();
  await chmod(closed, 0o755);
  const again = await start(t, join(closed, ".carillon"), { log });
  t.match(await ask(again.url, "select n from kept"), [{ n: 3 }]);
  await again.stop();
});

t.test("started by an ordinary user, it is that user's", { skip: !isRoot && "every other test here shows it" }, async (t) => {
  const dataDir = await directory(t);
  await mkdir(dataDir);
  await chown(dataDir, 65534, 65534);
  const other = await otherProcess(t, dataDir, { uid: 65534, gid: 65534 });
  await ask(other.url, "create table kept as select 5 as n");
  t.equal((await stat(cluster(dataDir))).uid, 65534);
  await other.end();
  const database = await start(t, dataDir);
  t.match(await ask(database.url, "select n from kept"), [{ n: 5 }], "and root runs it as that user later");
  t.equal((await stat(cluster(dataDir))).uid, 65534);
});
