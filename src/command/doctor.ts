import { Resolver } from "node:dns/promises";
import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { isForCalls, isForMessages } from "../config/voice.ts";
import { promptKey } from "../ivr/ports.ts";
import { Fault } from "../kernel/fault.ts";
import { openPrompts } from "../start/prompts.ts";
import { baseOf } from "./api-client.ts";
import { type CommonOptions, configFor, configurationFile } from "./context.ts";
import { examineAccess } from "./doctor-access.ts";
import { examineDatabase } from "./doctor-database.ts";
import { examineComponents, examineFarSides } from "./doctor-far-side.ts";
import { type Finding, fault, type Grade, ok, saidBy } from "./doctor-finding.ts";
import { examineMachine } from "./doctor-machine.ts";
import { examineMail } from "./doctor-mail.ts";
import { examineServer } from "./doctor-server.ts";
import { examineTexts } from "./doctor-texts.ts";
import { oneLine } from "./table.ts";
import { version } from "./terminal.ts";

export interface DoctorOptions extends CommonOptions {
  readonly json?: boolean;
  /** An API key: with it the running server says what is wrong with its parts. */
  readonly key?: string;
}

const marks: Readonly<Record<Grade, string>> = { ok: "ok   ", warning: "WARN ", fault: "FAULT" };

/**
 * `carillon doctor`: looks at everything the server needs and says what to do about what it lacks. It changes nothing and calls nobody.
 * @returns 0, or 1 when something does not work
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]) => {
    findings.push(...found);
    if (!options.json) for (const finding of found) console.log(lineOf(finding));
  };
  tell([ok("program", `Carillon ${version} on Node ${process.versions.node}`)]);
  const config = configuration(options, tell);
  if (config) {
    tell(await examineMachine(config));
    tell(examineAccess(config, systemClock));
    tell(await examineDatabase(config));
    const { found, components } = await examineServer(baseOf(config, {}), options.key);
    tell(found);
    tell(components === undefined ? await examineFarSides(config) : examineComponents(components));
    tell(examineTexts(config.sms));
    tell(await examineMail(config.email, new Resolver({ timeout: 3000, tries: 2 })));
    // Who only writes says nothing aloud.
    if (isForCalls(config) || !isForMessages(config)) tell([await examinePrompts(config)]);
  }
  const count = (grade: Grade) => findings.filter((finding) => finding.grade === grade).length;
  const [faults, warnings] = [count("fault"), count("warning")];
  if (options.json) console.log(JSON.stringify({ healthy: faults === 0, findings }));
  else console.log(faults + warnings === 0 ? "\nNothing is wrong." : `\nfaults: ${faults}, warnings: ${warnings}`);
  return faults === 0 ? 0 : 1;
}

function lineOf({ what, grade, seen, advice }: Finding): string {
  const line = `${marks[grade]}  ${oneLine(what)}: ${oneLine(seen)}`;
  return advice === undefined ? line : `${line}\n       → ${oneLine(advice)}`;
}

/** What can be looked at: a configuration that is not good enough to serve may do for that. */
function configuration(options: DoctorOptions, tell: (found: readonly Finding[]) => void): Config | undefined {
  const what = "configuration";
  const file = configurationFile(options);
  const wrong = (error: unknown) => fault(what, saidBy(error), `Change ${file}, the environment or --set; carillon serve will not start before.`);
  try {
    const config = configFor(options, "serve");
    tell([ok(what, `${file}, the environment and flags: nothing wrong`)]);
    return config;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    tell([wrong(error)]);
  }
  try {
    return configFor(options, "admin");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  }
}

/** Whether the voices speak: one word is rendered, or found as it was rendered before. */
async function examinePrompts(config: Config): Promise<Finding> {
  const what = "prompts";
  const prompts = openPrompts(config, systemClock);
  const [first = "en"] = prompts.languages;
  const request = { say: "Carillon", language: first === "*" ? "en-US" : first };
  try {
    const book = await prompts.store.ensure([request]);
    if (!book.has(promptKey(request))) return fault(what, "nothing was rendered", "Check prompts.engine and its command.");
    return ok(what, `spoken in ${prompts.languages.map((language) => (language === "*" ? "every language" : language)).join(", ")}`);
  } catch (error) {
    if (error instanceof Fault && error.code === "prompt-store")
      return fault(what, saidBy(error), "Make it writable for this user, or set prompts.dir.");
    return fault(what, saidBy(error), "Install the voice (Debian: flite), or name another one under prompts: in the configuration.");
  } finally {
    await prompts.close();
  }
}
