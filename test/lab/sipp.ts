import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { portForAnother } from "../harness/ports.ts";

/** Why SIPp cannot be used here; undefined when it can. */
export const noSipp =
  spawnSync("sipp", ["-v"]).error === undefined
    ? undefined
    : "sipp is not installed: the independent witness of the lab's SIP did not run (Debian: apt-get install sip-tester)";

export interface SippResult {
  readonly exitCode: number | null;
  readonly successful: number;
  readonly failed: number;
  /** What SIPp wrote when something went wrong. */
  readonly complaint: string;
}

export interface SippOptions {
  /** Name of a file in test/lab/sipp, without .xml. */
  readonly scenario: string;
  readonly calls: number;
  /** Its own port. */
  readonly port: number;
  readonly transport: "udp" | "tcp";
  /** Whom it calls, host:port; left out when it is called. */
  readonly remote?: string;
}

/** Runs SIPp until its calls are done and reads its own statistics. */
export async function runSipp({ scenario, calls, port, transport, remote }: SippOptions): Promise<SippResult> {
  const folder = await mkdtemp(join(tmpdir(), "carillon-sipp-"));
  const statistics = join(folder, "statistics.csv");
  const errors = join(folder, "errors.log");
  const file = fileURLToPath(new URL(`sipp/${scenario}.xml`, import.meta.url));
  const args = [
    "-sf",
    file,
    "-m",
    String(calls),
    "-i",
    "127.0.0.1",
    "-p",
    String(port),
    "-t",
    transport === "udp" ? "u1" : "t1",
    "-s",
    "bob",
    "-r",
    "50",
  ];
  args.push(
    "-nostdin",
    "-timeout",
    "20s",
    "-timeout_error",
    "-trace_stat",
    "-stf",
    statistics,
    "-trace_err",
    "-error_file",
    errors,
    "-mp",
    String(await portForAnother()),
  );
  if (remote !== undefined) args.push(remote);
  const child = spawn("sipp", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const [head = "", ...rows] = (await readFile(statistics, "utf8").catch(() => "")).trim().split("\n");
  const names = head.split(";");
  const last = rows.at(-1)?.split(";") ?? [];
  const number = (name: string) => Number(last[names.indexOf(name)] ?? Number.NaN);
  complaint += await readFile(errors, "utf8").catch(() => "");
  await rm(folder, { recursive: true });
  return { exitCode, successful: number("SuccessfulCall(C)"), failed: number("FailedCall(C)"), complaint };
}
