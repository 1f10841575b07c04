import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";

/** Why Kannel cannot be used here; false when it can. */
export const noKannel =
  spawnSync("bearerbox", ["--version"]).error === undefined && spawnSync("smsbox", ["--version"]).error === undefined
    ? false
    : "kannel is not installed: the independent witness of the lab's SMPP did not run (Debian: apt-get install kannel)";

export interface KannelText {
  readonly to: string;
  readonly from: string;
  readonly text: string;
  /** In UCS-2. */
  readonly wide?: boolean;
}

/** A gateway that binds to an SMSC, with what it was told. */
export interface Kannel {
  /** @returns what it answers: whether it takes the text */
  send(text: KannelText): Promise<string>;
  /** Reports of delivery to a number: what Kannel takes them for, in their order. */
  reports(to: string): readonly string[];
  /** What people wrote, as Kannel read it. */
  readonly incoming: readonly { readonly from: string; readonly to: string; readonly text: string }[];
  /** What it has written down so far. */
  log(): Promise<string>;
}

/** Kannel's `dlr-mask`: from the SMSC 1 delivered, 2 failed, 4 buffered; of the submit 8 taken, 16 refused. */
const said: Readonly<Record<string, string>> = { 1: "delivered", 2: "failed", 4: "buffered", 8: "taken", 16: "refused" };

/** Runs bearerbox and smsbox in a folder of their own, on loopback, bound to an SMSC on this machine as a transceiver. */
export async function startKannel(t: Test, smsc: { readonly port: number; readonly systemId: string; readonly password: string }): Promise<Kannel> {
  const home = await mkdtemp(join(tmpdir(), "carillon-kannel-"));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const reports: { readonly to: string; readonly state: string }[] = [];
  const incoming: { from: string; to: string; text: string }[] = [];
  const listener = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
    const of = (name: string) => searchParams.get(name) ?? "";
    if (pathname === "/report") reports.push({ to: of("to"), state: said[of("state")] ?? of("state") });
    else incoming.push({ from: of("from"), to: of("to"), text: of("text") });
    response.end();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.teardown(() => new Promise((resolve) => listener.close(resolve)));
  const address = listener.address();
  const told = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const [admin, boxes, sending] = [await portForAnother(), await portForAnother(), await portForAnother()];
  const groups: readonly (readonly string[])[] = [
    [
      ...["group = core", `admin-port = ${admin}`, "admin-interface = 127.0.0.1", "admin-password = x", `smsbox-port = ${boxes}`],
      ...["smsbox-interface = 127.0.0.1", `log-file = ${home}/bearerbox.log`, "log-level = 1", "dlr-storage = internal"],
    ],
    [
      ...["group = smsc", "smsc = smpp", "smsc-id = lab", "host = 127.0.0.1", `port = ${smsc.port}`, "transceiver-mode = true"],
      ...[`smsc-username = ${smsc.systemId}`, `smsc-password = ${smsc.password}`, 'system-type = ""', "interface-version = 34"],
      ...["source-addr-autodetect = true", "enquire-link-interval = 1", "reconnect-delay = 1"],
    ],
    [
      ...["group = smsbox", "bearerbox-host = 127.0.0.1", `bearerbox-port = ${boxes}`, `sendsms-port = ${sending}`],
      ...["sendsms-interface = 127.0.0.1", `log-file = ${home}/smsbox.log`, "log-level = 1", "mo-recode = true"],
    ],
    ["group = sendsms-user", "username = u", "password = p", "max-messages = 10", "concatenation = true"],
    ["group = sms-service", "keyword = default", "catch-all = true", "max-messages = 0", `get-url = "${told}/message?from=%p&to=%P&text=%b"`],
  ];
  const file = join(home, "kannel.conf");
  await writeFile(file, `${groups.map((lines) => lines.join("\n")).join("\n\n")}\n`);
  const log = async () => {
    const texts = ["bearerbox.log", "smsbox.log"].map((name) => readFile(join(home, name), "utf8").catch(() => `${name} was not written`));
    return (await Promise.all(texts)).join("\n");
  };
  const run = (program: string) => {
    const box = spawn(program, [file], { stdio: "ignore", cwd: home });
    t.teardown(() => ended(box));
    // Also when the test is given up.
    process.once("exit", () => box.kill("SIGKILL"));
  };
  t.teardown(async () => {
    if (!t.passing()) t.comment(await log());
  });
  run("bearerbox");
  const bind = /\(online|re-?connecting|dead/;
  await until(async () => bind.test(await ask(`http://127.0.0.1:${admin}/status.txt?password=x`)), "Kannel to have tried the bind");
  run("smsbox");
  const url = `http://127.0.0.1:${sending}/cgi-bin/sendsms?`;
  await until(async () => (await ask(url)) !== "", "Kannel to take texts");
  return {
    incoming,
    log,
    reports: (to) => reports.flatMap((report) => (report.to === to.slice(1) ? [report.state] : [])),
    async send({ to, from, text, wide = false }) {
      // Kannel takes every % of it for a field of its own.
      const report = `${told}/report?to=${to.slice(1)}&state=%d`;
      const fields = {
        username: "u",
        password: "p",
        to,
        from,
        text,
        charset: "UTF-8",
        coding: wide ? "2" : "0",
        "dlr-mask": "31",
        "dlr-url": report,
      };
      return await ask(`${url}${new URLSearchParams(fields)}`);
    },
  };
}

/** @returns the body; nothing when nobody answers */
async function ask(url: string): Promise<string> {
  return await fetch(url)
    .then((response) => response.text())
    .catch(() => "");
}

async function ended(box: ChildProcess): Promise<void> {
  if (box.exitCode !== null || box.signalCode !== null) return;
  const gone = once(box, "exit");
  box.kill();
  await gone;
}
