import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { MailboxReader } from "../../src/adapter/imap/mailbox-reader.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { MailboxProgress, RawMail } from "../../src/email/inbox-ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { ImapServer } from "./imap-server.ts";

const login = { name: "back", host: "127.0.0.1", tls: "none" as const, user: "carillon", password: "right", folder: "INBOX", pollS: 1 };
const mailOf = (subject: string, more = "") => `Subject: ${subject}\r\n\r\nHello\r\n${more}`;

/** What was taken, and how far it has come, as a database would have it. */
function world() {
  const taken: RawMail[] = [];
  let progress: MailboxProgress | undefined;
  const trouble: (Error | undefined)[] = [];
  let away: Error | undefined;
  return {
    taken,
    trouble,
    /** Nothing is kept until it is here again. */
    away: (error: Error | undefined) => {
      away = error;
    },
    subjects: () => taken.map(({ raw }) => /Subject: (.*)\r/.exec(Buffer.from(raw).toString())?.[1]),
    take: async (mail: RawMail) => {
      const error = away ?? trouble.shift();
      if (error) throw error;
      taken.push(mail);
    },
    store: {
      progress: async () => progress,
      setProgress: async (_inbox: string, now: MailboxProgress) => {
        progress = now;
      },
    },
    progress: () => progress,
  };
}

function open(
  t: Test,
  port: number,
  side: ReturnType<typeof world>,
  more: Partial<typeof login & { moveTo: string }> = {},
  clock: Clock = systemClock,
): MailboxReader {
  const reader = new MailboxReader({ options: { ...login, port, ...more }, take: side.take, store: side.store, clock, log: silentLog });
  reader.start();
  t.teardown(() => reader.close());
  return reader;
}

async function serve(t: Test) {
  const server = new ImapServer();
  const port = await server.listen();
  t.teardown(() => server.close());
  return { server, port };
}

t.test("mails are read once, in their order, also over lost connections and restarts", async (t) => {
  const { server, port } = await serve(t);
  const side = world();
  for (const subject of ["one", "two"]) server.deliver(mailOf(subject));
  const reader = open(t, port, side);
  await until(() => side.taken.length === 2, "both");
  await until(() => server.commands.includes("IDLE"), "IDLE");
  t.match(reader.state, { name: "back", up: true });
  server.deliver(mailOf("three", "x".repeat(2_000_000)));
  await until(() => side.taken.length === 3, "the one that came while it idled");
  t.same([side.taken[2]?.inbox, side.taken[2]?.size, side.taken[2]?.raw.length], ["back", 2_000_025, 1024 * 1024], "of a long one the beginning");
  t.equal(side.taken[2]?.envelope, undefined);
  await until(() => server.flagsOf(3).includes("\\Seen"), "it to be marked");
  t.same(side.progress(), { uidValidity: "1", uid: 3 });
  server.cut();
  server.deliver(mailOf("four"));
  await until(() => side.taken.length === 4, "the one that came while nobody was connected");
  await reader.close();
  t.match(server.commands.at(-1), "LOGOUT");
  server.deliver(mailOf("five"));
  open(t, port, side);
  await until(() => side.taken.length === 5, "the one that came while it was closed");
  t.same(side.subjects(), ["one", "two", "three", "four", "five"]);
});

t.test("what is not kept is offered again, what can never be kept is left behind, and another UIDVALIDITY begins anew", async (t) => {
  const { server, port } = await serve(t);
  const side = world();
  side.away(new Fault("database-unreachable", "away", { retryable: true }));
  side.trouble.push(undefined, new Fault("database-fault", "bad data"));
  for (const subject of ["one", "two", "three"]) server.deliver(mailOf(subject));
  const reader = open(t, port, side, { moveTo: "Kept" });
  await until(() => reader.state.note === "away", "the trouble to be told");
  side.away(undefined);
  await until(() => side.taken.length === 2, "the others");
  t.same(side.subjects(), ["one", "three"]);
  await until(() => server.folders.get("Kept")?.length === 2, "both to be moved");
  t.same(
    server.folders.get("INBOX")?.map(({ uid }) => uid),
    [2],
  );
  server.refuses.add("SEARCH").add("MOVE");
  server.deliver(mailOf("four"));
  await until(() => server.flagsOf(4).includes("\\Seen"), "what cannot be moved to be marked");
  t.equal(side.subjects().at(-1), "four", "also after a command that failed");
  server.uidValidity = 2;
  server.cut();
  await until(() => side.taken.length === 5, "the folder to be read anew");
  t.same(side.subjects().slice(3), ["two", "four"]);
  await until(() => side.progress()?.uid === 4, "its end");
  t.equal(side.progress()?.uidValidity, "2");
});

t.test("a server that is away, lets nobody in, or says nonsense is told of and tried again", async (t) => {
  const { server, port } = await serve(t);
  const reader = open(t, port, world(), { password: "wrong" });
  await until(() => /Authentication failed/i.test(reader.state.note ?? ""), "the refusal to be told");
  t.equal(reader.state.up, false);
  await reader.close();
  t.ok(server.commands.includes("LOGIN"));
  const nonsense = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`* ${"\u0000(".repeat(5000)}\r\n* OK {99999999999}\r\n`);
  });
  nonsense.listen(0, "127.0.0.1");
  await once(nonsense, "listening");
  const { port: odd } = nonsense.address() as { port: number };
  const other = open(t, odd, world());
  await until(() => other.state.note !== "not connected yet", "it to be given up");
  t.equal(other.state.up, false);
  await other.close();
  await new Promise((resolve) => nonsense.close(resolve));
});

t.test("a server that refuses the log-in is asked less and less often; one that is away at least once a minute", async (t) => {
  const { port } = await serve(t);
  for (const [password, to, longestMs] of [
    ["wrong", port, 900_000],
    ["right", await portForAnother(), 60_000],
  ] as const) {
    const pauses: number[] = [];
    const after: Clock["after"] = (ms, fire) => {
      pauses.push(ms);
      return systemClock.after(Math.min(ms, 1), fire);
    };
    const reader = open(t, to, world(), { password }, { ...systemClock, after });
    await until(() => pauses.length >= 13, "it to be tried again and again");
    await reader.close();
    t.same(pauses.slice(0, 4), [1000, 2000, 4000, 8000]);
    t.equal(Math.max(...pauses), longestMs);
  }
});

const dovecot = spawnSync("dovecot", ["--version"], { encoding: "utf8" });
const noDovecot =
  dovecot.status === 0
    ? false
    : "dovecot is not installed here (apt-get install dovecot-imapd): the reader was tried against the IMAP server of the test alone";
if (noDovecot !== false) t.comment(noDovecot);
t.test("a real Dovecot", { skip: noDovecot }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), "carillon-dovecot-"));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, "mail", "new"), { recursive: true });
  for (const folder of ["cur", "tmp"]) await mkdir(join(home, "mail", folder), { recursive: true });
  const port = await portForAnother();
  const { username, uid } = userInfo();
  // Started by root it wants its own two users, who must find the way to its sockets, and no mail of root's; by anybody else it has nobody but them.
  const [internal, login] = uid === 0 ? ["dovecot", "dovenull"] : [username, username];
  if (uid === 0) {
    await chmod(home, 0o755);
    spawnSync("chown", ["-R", "dovecot:dovecot", join(home, "mail")]);
  }
  const config = [
    ...[
      `base_dir = ${home}/run`,
      `state_dir = ${home}/state`,
      `log_path = ${home}/log`,
      "protocols = imap",
      "ssl = no",
      "disable_plaintext_auth = no",
    ],
    ...[`default_internal_user = ${internal}`, `default_login_user = ${login}`, "first_valid_uid = 0", `mail_location = maildir:${home}/mail`],
    ...["passdb {", "  driver = static", "  args = password=right", "}"],
    ...["userdb {", "  driver = static", `  args = uid=${internal} gid=${uid === 0 ? internal : userInfo().gid} home=${home}`, "}"],
    ...["service imap-login {", "  chroot =", "  inet_listener imap {", "    address = 127.0.0.1", `    port = ${port}`, "  }", "}"],
    ...["service anvil {", "  chroot =", "}"],
  ];
  await writeFile(join(home, "dovecot.conf"), `${config.join("\n")}\n`);
  const daemon = spawn("dovecot", ["-F", "-c", join(home, "dovecot.conf")], { stdio: "ignore" });
  t.teardown(async () => {
    if (!t.passing()) t.comment(await readFile(join(home, "log"), "utf8").catch(() => "Dovecot wrote nothing"));
    daemon.kill();
    if (daemon.exitCode === null) await once(daemon, "exit");
  });
  const side = world();
  await writeFile(join(home, "mail", "new", "1.a.host"), mailOf("one"));
  const reader = open(t, port, side, { moveTo: "Kept" });
  await until(() => side.taken.length === 1, "the first");
  await writeFile(join(home, "mail", "new", "2.a.host"), mailOf("two"));
  await until(() => side.taken.length === 2, "the second");
  // Dovecot leaves them among the new ones of their folder until somebody opens that.
  const inFolder = async (place: string) => (await readdir(join(home, "mail", ".Kept", place)).catch(() => [])).length;
  await until(async () => (await inFolder("new")) + (await inFolder("cur")) === 2, "both to be moved");
  t.same(side.subjects(), ["one", "two"]);
  t.equal(reader.state.up, true);
});
