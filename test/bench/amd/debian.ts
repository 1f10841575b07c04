import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../../src/kernel/fault.ts";

/* Recordings and speech engines that Debian carries. The recordings are fetched and unpacked without being installed; nothing of them is committed. */

/** Packages with recorded sound: CC-BY-SA-3.0, GPL or BSD, as their copyright files say. */
export const recordingPackages = [
  "asterisk-core-sounds-en-wav",
  "asterisk-core-sounds-es-wav",
  "asterisk-core-sounds-fr-wav",
  "asterisk-core-sounds-it-wav",
  "asterisk-core-sounds-ru-wav",
  "asterisk-prompt-es-co",
  "asterisk-prompt-fr-armelle",
  "asterisk-moh-opsound-wav",
  "klettres-data",
  "ktuberling-data",
  "hedgewars-data",
  "pocketsphinx-testdata",
  "alsa-utils",
  "fillets-ng-data",
  "fillets-ng-data-cs",
  "fillets-ng-data-nl",
  "tuxpaint-stamps-default",
] as const;

const programs: Readonly<Record<string, string>> = {
  sox: "sox libsox-fmt-base",
  flite: "flite",
  "espeak-ng": "espeak-ng",
  text2wave: "festival festvox-kallpc16k festvox-kdlpc16k",
  "dpkg-deb": "dpkg",
};

/** @throws Fault `corpus-tools` naming what has to be installed */
export function checkPrograms(): void {
  const missing = Object.keys(programs).filter((name) => !(process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, name))));
  if (missing.length === 0) return;
  throw new Fault("corpus-tools", `the corpus needs ${missing.join(", ")}: apt-get install ${missing.map((name) => programs[name]).join(" ")}`);
}

/**
 * Fetches and unpacks the recordings, once.
 * @returns the folder that stands for `/`
 * @throws Fault `corpus-recordings` when a package cannot be had
 */
export function recordings(cacheDir: string, say: (text: string) => void): string {
  const root = join(cacheDir, "debian-3");
  if (existsSync(root)) return root;
  const fresh = `${root}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  say(`fetching ${recordingPackages.length} packages of recordings from Debian (about 620 MB)`);
  try {
    execFileSync("apt-get", ["download", "-q", ...recordingPackages], { cwd: fresh, stdio: "pipe" });
    for (const name of readdirSync(fresh).filter((file) => file.endsWith(".deb"))) {
      execFileSync("dpkg-deb", ["-x", join(fresh, name), fresh], { stdio: "pipe" });
      rmSync(join(fresh, name));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Fault("corpus-recordings", `the recordings could not be fetched (${reason}); run apt-get update, or look at the network`, {
      cause: error,
    });
  }
  renameSync(fresh, root);
  return root;
}

/** The sound of a file that sox reads, 8 kHz mono, in -1..1; `input` are sox's options for a file without a header. */
export function soxRead(path: string, input: readonly string[] = []): Float32Array {
  const args = ["-D", ...input, path, "-t", "raw", "-e", "floating-point", "-b", "32", "-c", "1", "-r", "8000", "-"];
  const bytes = execFileSync("sox", args, { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
}

/** The sound after a GSM 06.10 telephone. */
export function throughGsm(samples: Float32Array): Float32Array {
  const raw = ["-t", "raw", "-e", "floating-point", "-b", "32", "-c", "1", "-r", "8000"];
  const input = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const coded = execFileSync("sox", ["-D", ...raw, "-", "-t", "gsm", "-r", "8000", "-"], { input, maxBuffer: 1 << 28 });
  const bytes = execFileSync("sox", ["-D", "-t", "gsm", "-r", "8000", "-c", "1", "-", ...raw, "-"], { input: coded, maxBuffer: 1 << 28 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
}

/** A text spoken by an engine, rendered once and kept. */
export function spoken(cacheDir: string, engine: "flite" | "espeak" | "festival", voice: string, text: string): Float32Array {
  const folder = join(cacheDir, "spoken", `${engine}-${voice}`);
  const file = join(
    folder,
    `${text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 80)}.wav`,
  );
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const part = `${file}.part`;
    if (engine === "flite") execFileSync("flite", ["-voice", voice, "-t", text, "-o", part]);
    else if (engine === "espeak") execFileSync("espeak-ng", ["-v", voice, "-w", part, text]);
    else writeFileSync(part, execFileSync("text2wave", ["-eval", `(voice_${voice})`], { input: text, maxBuffer: 1 << 26 }));
    renameSync(part, file);
  }
  return soxRead(file, ["-t", "wav"]);
}

/** Paths under a folder of the recordings whose names end so, sorted. */
export function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => join(folder, name));
}
