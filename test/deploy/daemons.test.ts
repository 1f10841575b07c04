import { existsSync, readFileSync } from "node:fs";
import { join, matchesGlob, relative } from "node:path";
import t from "tap";
import { aloneTarget, goodbyeTarget, promptDelimiter } from "../../src/adapter/freeswitch/dialplan.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { all, type Element, filesBelow, params, read, readXml, root } from "./files.ts";

/* The configurations of FreeSWITCH and drachtio-server that we ship, held against what the code expects of them. */

const config = loadConfig({
  env: {
    CARILLON_DRACHTIO_SECRET: "x",
    CARILLON_FREESWITCH_0_NAME: "fs",
    CARILLON_FREESWITCH_0_PASSWORD: "x",
    CARILLON_TRUNKS_0_NAME: "a",
    CARILLON_TRUNKS_0_HOST: "b",
  },
  cwd: "/nowhere",
});
const [freeswitch] = config.freeswitch;
const profile = params("freeswitch/sip_profiles/drachtio_mrf.xml");
const socket = params("freeswitch/autoload_configs/event_socket.conf.xml");
const limits = params("freeswitch/autoload_configs/switch.conf.xml");
const dialplan = readXml("freeswitch/dialplan/mrf.xml");
const sets = all(readXml("freeswitch/vars.xml"), "X-PRE-PROCESS").map(({ attributes: { cmd = "", data = "" } }) => {
  const equals = data.indexOf("=");
  return { cmd, name: data.slice(0, equals), value: data.slice(equals + 1) };
});

t.test("FreeSWITCH reads every file, and each is well-formed", async (t) => {
  const top = "freeswitch/freeswitch.xml";
  const reached = new Set([top]);
  for (const path of reached) {
    for (const { attributes } of all(readXml(path), "X-PRE-PROCESS").filter(({ attributes }) => attributes["cmd"] === "include")) {
      const pattern = join(path, "..", attributes["data"] ?? "");
      const found = filesBelow("freeswitch", ".xml").filter((file) => matchesGlob(file, pattern));
      t.ok(found.length > 0, `${path} includes ${pattern}`);
      for (const file of found) reached.add(file);
    }
  }
  t.same([...reached].sort(), filesBelow("freeswitch", ".xml"), "none is left out");
  t.equal(
    all(readXml(top), "section").find(({ attributes }) => attributes["name"] === "directory"),
    undefined,
    "nobody registers",
  );
});

t.test("every variable that is used is set, and the environment's value comes after the file's", async (t) => {
  const given = new Set(["sounds_dir", "log_dir"]); // FreeSWITCH's own
  for (const path of filesBelow("freeswitch", ".xml"))
    for (const [, name = ""] of read(path)
      .replace(/<!--[\s\S]*?-->/g, "")
      .matchAll(/\$\$\{(\w+)\}/g))
      t.ok(given.has(name) || sets.some((set) => set.cmd === "set" && set.name === name), `${path}: ${name}`);
  for (const [at, { cmd, name, value }] of sets.entries()) {
    if (cmd === "set") continue;
    t.equal(cmd, "env-set");
    t.match(value, /^\$FREESWITCH_[A-Z_]+$/, "named so that Carillon's own variables are not meant");
    t.ok(
      sets.slice(0, at).some((before) => before.cmd === "set" && before.name === name),
      `${name} has a value without the environment`,
    );
    t.notOk(
      sets.slice(at).some((after) => after.cmd === "set" && after.name === name),
      `${name} is not set again`,
    );
  }
  t.equal(sets.find(({ name }) => name === "rtp_secure_media")?.value, "forbidden");
  t.equal(sets.find(({ name }) => name === "disable_system_api_commands")?.value, "true");
});

t.test("the event socket is where Carillon looks for it, behind a password that it refuses until it is changed", async (t) => {
  t.equal(socket["listen-port"], String(freeswitch?.port));
  t.equal(socket["listen-ip"], freeswitch?.address);
  t.equal(socket["password"], "$${carillon_event_socket_password}");
  const shipped = sets.find(({ cmd, name }) => cmd === "set" && name === "carillon_event_socket_password")?.value ?? "";
  const admin = all(readXml("sip-config/drachtio.conf.xml"), "admin")[0];
  for (const path of ["freeswitch.0.password", "drachtio.secret"]) {
    const secret = path.startsWith("drachtio") ? (admin?.attributes["secret"] ?? "") : shipped;
    const flags = { "freeswitch.0.name": "fs", "freeswitch.0.password": "x", "drachtio.secret": "x", [path]: secret };
    t.throws(() => loadConfig({ env: {}, cwd: "/nowhere", flags, purpose: "admin" }), { message: new RegExp(`${path}: is the placeholder`) });
  }
  const lists = all(readXml("freeswitch/autoload_configs/acl.conf.xml"), "list");
  const named = (name: string | undefined) => lists.find(({ attributes }) => attributes["name"] === name);
  for (const acl of [socket["apply-inbound-acl"], profile["apply-inbound-acl"]]) {
    t.equal(named(acl)?.attributes["default"], "deny", `${acl} lets in only who is named`);
    for (const { attributes } of named(acl)?.children ?? []) t.match(attributes, { type: "allow", cidr: /\/32$/ }, "single machines");
  }
  t.same(named(profile["local-network-acl"])?.children, [], "no network counts as local, or ext-rtp-ip is not said");
});

t.test("the SIP profile is what drachtio-fsmrf needs", async (t) => {
  const name = readXml("freeswitch/sip_profiles/drachtio_mrf.xml").attributes["name"] ?? "";
  t.ok(read("src/adapter/freeswitch/media-server.ts").includes(`profile = "${name}"`), `${name} is the profile that is asked for`);
  t.hasStrict(profile, {
    "enable-3pcc": "true",
    "rtp-timer-name": "soft",
    "auth-calls": "false",
    "disable-register": "true",
    "inbound-codec-prefs": "PCMU,PCMA",
    "outbound-codec-prefs": "PCMU,PCMA",
    "rfc2833-pt": "101",
    tls: "false",
    "sip-ip": "$${carillon_ip}",
    "rtp-ip": "$${carillon_rtp_ip}",
    "ext-rtp-ip": "$${carillon_external_rtp_ip}",
    "ext-sip-ip": "$${carillon_ip}",
  });
  t.ok(Number(limits["max-sessions"]) >= (freeswitch?.maxSessions ?? Number.POSITIVE_INFINITY), "as many sessions as Carillon may hold");
  t.ok(Number(limits["sessions-per-second"]) >= (freeswitch?.sessionsPerSecond ?? Number.POSITIVE_INFINITY), "as many new ones as it may ask for");
  const ports = Number(limits["rtp-end-port"]) - Number(limits["rtp-start-port"]);
  t.ok(ports >= 2 * Number(limits["max-sessions"]), "two ports for each");
  t.match(limits["loglevel"], /^(warning|err|crit|alert)$/, "keys are logged from notice on");
  for (const file of ["logfile", "console"])
    for (const { attributes } of all(readXml(`freeswitch/autoload_configs/${file}.conf.xml`), "map"))
      t.notMatch(attributes["value"], /debug|info|notice|all/, `and not by ${file}.conf.xml either`);
  t.match(
    read("docs/operations.md"),
    new RegExp(`\\| ${limits["rtp-start-port"]}–${limits["rtp-end-port"]}/udp `),
    "the firewall is told of these ports",
  );
});

t.test("the dialplan has the extensions that the code sends people to, and nobody is left in silence", async (t) => {
  const contexts = all(dialplan, "context").map(({ attributes }) => attributes["name"]);
  t.same(contexts, [profile["context"]]);
  const extension = (wanted: string): readonly Element[] => {
    const found = all(dialplan, "extension").find((one) => one.attributes["name"] === wanted);
    const condition = found?.children[0]?.attributes;
    if (wanted !== "carillon") t.hasStrict(condition, { field: "destination_number", expression: `^${wanted}$` });
    return all(found ?? dialplan, "action");
  };
  const said = (actions: readonly Element[]) =>
    actions.map(({ attributes: { application, data } }) => (data === undefined ? application : `${application} ${data}`));
  const farewell = ["playback $${carillon_goodbye}", "hangup NORMAL_CLEARING"];
  for (const target of [goodbyeTarget, aloneTarget]) {
    const [name = "", kind, context] = target.split(" ");
    t.equal(kind, profile["dialplan"]);
    t.equal(context, profile["context"]);
    const actions = said(extension(name));
    t.equal(actions[0], "set socket_resume=false", `${name}: a socket that closes must not cut it`);
    t.same(actions.slice(-2), farewell, `${name} ends with the goodbye`);
  }
  const calls = said(extension("carillon"));
  const [alone, kind, context] = aloneTarget.split(" ");
  const socketAt = calls.findIndex((said) => /^socket \$\{sip_h_X-esl-outbound\} async full$/.test(said ?? ""));
  t.ok(socketAt > 0, "the call is handed to Carillon");
  for (const setting of [
    "socket_resume=true",
    "execute_on_pre_bridge=set socket_resume=false",
    `transfer_after_bridge=${alone}:${kind}:${context}`,
    "hangup_after_bridge=false",
    "pass_rfc2833=true",
    "sensitive_dtmf=true",
    `playback_delimiter=${promptDelimiter}`,
    "playback_sleep_val=0",
    "playback_terminators=none",
  ]) {
    const at = calls.indexOf(`set ${setting}`);
    t.ok(at >= 0 && at < socketAt, `${setting} stands before the socket`);
  }
  t.same(calls.slice(socketAt + 1), farewell, "and when Carillon is gone, the goodbye");
  const goodbye = sets.find(({ name }) => name === "carillon_goodbye")?.value.replace("$${sounds_dir}", "freeswitch/sounds") ?? "";
  t.ok(existsSync(join(root, goodbye)) && readWav(readFileSync(join(root, goodbye))).length > 8000, `${goodbye} can be played`);
});

/** Which module of FreeSWITCH has what the code and the dialplan use (its source, SWITCH_ADD_API and SWITCH_ADD_APP). */
const homes: Readonly<Record<string, string>> = {
  global_setvar: "mod_commands",
  sched_del: "mod_commands",
  sched_transfer: "mod_commands",
  show: "mod_commands",
  uptime: "mod_commands",
  answer: "mod_dptools",
  conference: "mod_conference",
  eavesdrop: "mod_dptools",
  hangup: "mod_dptools",
  native_eavesdrop: "mod_dptools",
  park: "mod_dptools",
  play_and_get_digits: "mod_dptools",
  playback: "mod_dptools",
  record: "mod_dptools",
  set: "mod_dptools",
  socket: "mod_event_socket",
  transfer: "mod_dptools",
};

t.test("every module that the code needs is loaded, and no others", async (t) => {
  const loaded = all(readXml("freeswitch/autoload_configs/modules.conf.xml"), "load").map(({ attributes }) => attributes["module"] ?? "");
  t.equal(new Set(loaded).size, loaded.length, "none twice");
  const source = filesBelow("src/adapter/freeswitch", ".ts").map(read).join("\n");
  const used = new Set(all(dialplan, "action").map(({ attributes }) => attributes["application"] ?? ""));
  for (const [, command = ""] of source.matchAll(/(?:[aA]pi|\bask)\(\s*[`"]([a-z]+(?:_[a-z]+)*)/g)) used.add(command);
  for (const [, application = ""] of source.matchAll(/[eE]xecute\(\s*[`"]([a-z]+(?:_[a-z]+)*)/g)) used.add(application);
  t.ok(
    ["uuid_bridge", "play_and_get_digits", "record", "socket"].every((name) => used.has(name)),
    "what is used was found",
  );
  const needed = new Map([
    ["mod_sofia", "the SIP profile"],
    ["mod_dialplan_xml", "the dialplan"],
    ["mod_sndfile", "WAV files"],
    ["mod_conference", "drachtio-fsmrf subscribes to its events"],
  ]);
  for (const name of used) needed.set(homes[name] ?? (name.startsWith("uuid_") ? "mod_commands" : `whoever has ${name}`), name);
  if (/(tone|silence)_stream:/.test(source)) needed.set("mod_tone_stream", "tones");
  for (const [module, why] of needed) t.ok(loaded.includes(module), `${module}, for ${why}`);
  for (const module of loaded) t.ok(needed.has(module) || ["mod_console", "mod_logfile"].includes(module), `${module} is used`);
  for (const path of filesBelow("freeswitch/autoload_configs", ".conf.xml")) {
    const name = relative("freeswitch/autoload_configs", path).replace(/\.conf\.xml$/, "");
    t.ok(["acl", "modules", "switch"].includes(name) || loaded.includes(`mod_${name}`), `${path} is of a module that is loaded`);
    t.equal(readXml(path).attributes["name"], `${name}.conf`);
  }
});

t.test("drachtio-server is where Carillon looks for it, and speaks only with whom it must", async (t) => {
  const conf = readXml("sip-config/drachtio.conf.xml");
  const only = (name: string) => {
    const found = all(conf, name);
    t.equal(found.length, 1, `one <${name}>`);
    return found[0];
  };
  const admin = only("admin");
  t.equal(admin?.attributes["port"], String(config.drachtio.port));
  t.equal(admin?.text, config.drachtio.host);
  const capture = only("capture-server");
  t.equal(capture?.text, config.drachtio.captureAddress);
  t.hasStrict(capture?.attributes, { "hep-version": "3", id: "1", port: "9060" });
  t.match(read("docs/configuration.md"), new RegExp(`capture-server in its drachtio.conf.xml: ${capture?.attributes["port"]} in the one we ship`));
  t.same(
    all(conf, "contact").map(({ text }) => text),
    ["sip:127.0.0.1:5060;transport=udp,tcp"],
    "nobody reaches it until its address is put in",
  );
  for (const absent of ["request-handlers", "request-handler", "blacklist", "timers"]) t.same(all(conf, absent), [], `no <${absent}>`);
  t.equal(only("cdrs")?.text, "false");
  t.equal(only("loglevel")?.text, "notice");
  t.ok(Number(only("sofia-loglevel")?.text) < 9, "messages are not written out");
  t.ok(Number(only("udp-mtu")?.text) >= 2000, "INVITEs go by UDP where the trunk says so");
});
