import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";

/** Why Kamailio cannot be used here; undefined when it can. */
export const noKamailio =
  spawnSync("kamailio", ["-v"]).error === undefined
    ? undefined
    : "kamailio is not installed: the independent registrar was not asked (Debian: apt-get install kamailio)";

export interface RegistrarRules {
  readonly password: string;
  /** A registration for less is answered 423. */
  readonly leastS: number;
}

/** A registrar that is nobody's of ours: every user is let in with the password, by digest (RFC 3261 §22). */
const config = (port: number, { password, leastS }: RegistrarRules) => `#!KAMAILIO
log_stderror=yes
debug=2
fork=no
disable_tcp=yes
listen=udp:127.0.0.1:${port}
loadmodule "kex.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("auth", "qop", "auth")
request_route {
  if (!is_method("REGISTER")) { sl_send_reply("200", "OK"); exit; }
  $var(password) = "${password}";
  if (!pv_auth_check("registrar.test", "$var(password)", "0", "1")) { www_challenge("registrar.test", "1"); exit; }
  if ($hdr(Expires) != "0" && $(hdr(Expires){s.int}) < ${leastS}) {
    append_to_reply("Min-Expires: ${leastS}\\r\\n");
    sl_send_reply("423", "Interval Too Brief");
    exit;
  }
  xlog("L_NOTICE", "SAVED $fU $hdr(Expires) $hdr(Contact)\\n");
  save("location");
}
`;

/** Kamailio as a registrar. Ended with the test. */
export async function openKamailio(t: Test, rules: RegistrarRules) {
  const port = await portForAnother();
  const file = join(openFolder(t), "kamailio.cfg");
  writeFileSync(file, config(port, rules));
  const child = spawn("kamailio", ["-DD", "-E", "-m", "16", "-f", file], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  t.teardown(async () => {
    // It has processes of its own, which would go on.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  });
  return {
    port,
    /** What was registered, in order: `us 600`; 0 is a registration taken back. */
    saved: () => [...said.matchAll(/SAVED (\S+) (\d+) /g)].map(([, user, expires]) => `${user} ${expires}`),
    contacts: () => [...said.matchAll(/SAVED \S+ \d+ (\S+)/g)].map(([, contact]) => contact ?? ""),
    complaint: () => said,
    until: (holds: () => boolean, what: string) =>
      until(() => {
        if (child.exitCode !== null) throw new Error(`Kamailio has ended:\n${said}`);
        return holds();
      }, what),
  };
}
