import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";

/*
 * A Postfix of its own: its configuration, queue and log in a folder that goes with it, on loopback, with nobody's mail but what the test gives it.
 */

/** Why there can be none here; false where there can. */
export function withoutPostfix(): string | false {
  const { status } = spawnSync("postconf", ["-d", "mail_version"]);
  if (status !== 0) return "postfix is not installed here (apt-get install postfix): e-mail was tried against the mail servers of the tests alone";
  return process.getuid?.() === 0 ? false : "postfix starts as root alone: e-mail was tried against the mail servers of the tests alone";
}

export interface PostfixWishes {
  /** Mailboxes that it delivers to, and throws away. */
  readonly mailboxes: readonly string[];
  /** Ports of loopback to which it hands mail on, by domain. What is not taken there at once comes back. */
  readonly relayed: Readonly<Record<string, number>>;
}

export interface Postfix {
  readonly port: number;
  /** The certificate of its STARTTLS, for 127.0.0.1. */
  readonly certificate: string;
  /** What it has written down so far. */
  log(): Promise<string>;
}

export async function startPostfix(t: Test, { mailboxes, relayed }: PostfixWishes): Promise<Postfix> {
  const home = await mkdtemp(join(tmpdir(), "carillon-postfix-"));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const port = await portForAnother();
  const { key, cert } = selfSigned("127.0.0.1", Date.now());
  await chmod(home, 0o755);
  for (const folder of ["etc", "queue", "data"]) await mkdir(join(home, folder));
  const id = (flag: string) => Number(spawnSync("id", [flag, "postfix"], { encoding: "utf8" }).stdout);
  await chown(join(home, "data"), id("-u"), id("-g"));
  await writeFile(join(home, "etc", "tls.pem"), `${key}\n${cert}`, { mode: 0o600 });
  const inline = (pairs: readonly (readonly [string, string])[]) => `inline:{ ${pairs.map(([name, value]) => `{ ${name} = ${value} }`).join(" ")} }`;
  const settings: Readonly<Record<string, string>> = {
    ...{ compatibility_level: "3.6", myhostname: "mx.people.example", mydestination: "", alias_maps: "", local_recipient_maps: "" },
    ...{ queue_directory: `${home}/queue`, data_directory: `${home}/data`, maillog_file: `${home}/log`, maillog_file_prefixes: home },
    ...{ inet_interfaces: "127.0.0.1", inet_protocols: "ipv4", mynetworks: "127.0.0.1/32", smtp_host_lookup: "native", disable_dns_lookups: "yes" },
    ...{ smtpd_tls_security_level: "may", smtpd_tls_chain_files: `${home}/etc/tls.pem`, smtp_tls_security_level: "may" },
    ...{ virtual_mailbox_domains: "people.example", virtual_transport: "discard:", smtpd_relay_restrictions: "permit_mynetworks, reject" },
    virtual_mailbox_maps: inline(mailboxes.map((box) => [box, "x"])),
    transport_maps: inline(Object.entries(relayed).map(([domain, to]) => [domain, `smtp:[127.0.0.1]:${to}`])),
    ...{ maximal_queue_lifetime: "0", bounce_queue_lifetime: "0", smtpd_tls_received_header: "yes" },
  };
  const main = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(home, "etc", "main.cf"), main.join(""));
  await writeFile(join(home, "etc", "master.cf"), services(port));
  const daemon = spawn("postfix", ["-c", join(home, "etc"), "start-fg"], { stdio: "ignore" });
  t.teardown(async () => {
    if (!t.passing()) t.comment(await readFile(join(home, "log"), "utf8").catch(() => "Postfix wrote nothing"));
    await ended(daemon, home);
  });
  // Also when the test is given up.
  process.once("exit", () => kill(masterOf(home)));
  await until(() => answers(port), "Postfix to listen", 20_000);
  return { port, certificate: cert, log: () => readFile(join(home, "log"), "utf8") };
}

/** Nothing in a chroot, which would want files of the system in its queue. */
function services(port: number): string {
  const rows = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    ...["pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr"],
    ...["rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce"],
    ...["verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap", "proxywrite unix - - n - 1 proxymap"],
    ...["smtp unix - - n - - smtp", "relay unix - - n - - smtp", "error unix - - n - - error", "retry unix - - n - - error"],
    ...["discard unix - - n - - discard", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache", "postlog unix-dgram n - n - 1 postlogd"],
  ];
  return `${rows.join("\n")}\n`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** The one that started it waits for it, and it ends those that it has started. */
async function ended(daemon: ChildProcess, home: string): Promise<void> {
  const gone = daemon.exitCode === null ? once(daemon, "exit") : undefined;
  if (!kill(masterOf(home))) daemon.kill();
  await gone;
}

/** The process that has all others of a Postfix; none when it is not there any more. */
function masterOf(home: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(home, "queue", "pid", "master.pid"), "utf8"), 10);
  } catch {
    return undefined;
  }
}

function kill(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, "SIGTERM");
  } catch {
    return false;
  }
}
