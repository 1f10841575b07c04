import { systemClock } from "../adapter/system/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import type { Stores } from "../main.ts";
import { checkOverList } from "../sms/list-check-engine.ts";
import { type Preview, previewMessage } from "../sms/preview.ts";
import type { SegmentOptions } from "../sms/segment.ts";
import { compileMessage } from "../template/document.ts";
import { neededBy } from "../template/fill.ts";
import type { MessageTemplate, TemplateVersion } from "../template/ports.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { fieldsFrom } from "./ivr-fields.ts";
import { allPages } from "./pages.ts";
import { signature } from "./script-publish.ts";
import { tableText, terminalText, timeCell } from "./table.ts";
import { readTemplateFile } from "./template-file.ts";
import { reportText, sizeText } from "./template-words.ts";
import { openProgress } from "./terminal.ts";

/** From here on it takes a second and more, and somebody waits for it. */
const manyContacts = 20_000;

interface ShowOptions extends CommonOptions {
  readonly json?: boolean;
}

interface CountingOptions extends ShowOptions, Partial<SegmentOptions> {
  readonly version?: number;
}

/** `carillon template publish FILE` */
export function publishTemplate(file: string, options: CommonOptions): Promise<string> {
  const source = readTemplateFile(file);
  return withStores(options, async ({ templates }) => {
    const { version, fresh } = await templates.publish(source, signature().by);
    const is = `${version.name} version ${version.version} is`;
    return fresh
      ? `${is} published, for ${source.channel}. Campaigns that follow it send it from now on.`
      : `${is} this document already: nothing is changed.`;
  });
}

/** `carillon template list` */
export function listTemplates(options: ShowOptions): Promise<string> {
  return withStores(options, async ({ templates }) => {
    const all = [...(await allPages((page) => templates.all(page)))].sort((a, b) => a.name.localeCompare(b.name));
    if (options.json) return JSON.stringify(all.map(shown), null, 2);
    const rows = all.map((each) => [each.name, each.source.channel, String(each.version), timeCell(each.publishedAt), each.publishedBy]);
    return rows.length === 0
      ? "No template is published yet. Publish one with: carillon template publish FILE"
      : tableText(["TEMPLATE", "CHANNEL", "VERSION", "SINCE", "BY"], rows);
  });
}

/** `carillon template show NAME` */
export function showTemplate(name: string, options: CountingOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const version = await versionOf(stores, name, options.version);
    const { source, publishedAt, publishedBy } = version;
    if (options.json) return JSON.stringify({ ...shown(version), document: source }, null, 2);
    const needed = neededBy(compiled(version));
    const texts = Object.entries(source).filter(([key]) => ["text", "subject", "html"].includes(key));
    return [
      `${name} version ${version.version}, ${source.channel}, published ${timeCell(publishedAt)} by ${publishedBy}`,
      `needs ${needed.length === 0 ? "no fields" : needed.join(", ")}`,
      ...texts.map(([key, text]) => `\n${key}:\n${terminalText(String(text)).trimEnd()}`),
      ...("attachments" in source ? (source.attachments ?? []) : []).map((each) => `\nattachment ${each.name} (${each.type})`),
    ].join("\n");
  });
}

/** `carillon template preview TEMPLATE --contact ID --field NAME=VALUE` */
export function previewTemplate(
  wanted: string,
  options: CountingOptions & { readonly contact?: string; readonly field?: readonly string[] },
): Promise<string> {
  const file = fileOf(wanted);
  return withStores(options, async (stores) => {
    const template = file ?? compiled(await versionOf(stores, wanted, options.version));
    const contact = options.contact === undefined ? undefined : await stores.lists.contact(options.contact);
    if (options.contact !== undefined && !contact) throw new Fault("contact-unknown", `There is no contact ${options.contact}; the API lists them.`);
    const zone = contact?.timeZone;
    const own = { ...contact?.fields, ...(zone !== undefined && { time_zone: zone }) };
    const preview = previewMessage(template, { ...own, ...(await fieldsFrom({ field: options.field ?? [] })) }, countingOf(options));
    if (options.json) return JSON.stringify(preview, null, 2);
    return "held" in preview ? `Nothing would be sent: ${preview.held}.` : previewText(preview);
  });
}

/** `carillon template check TEMPLATE --list LIST` */
export function checkTemplate(wanted: string, { list: name, ...options }: CountingOptions & { readonly list: string }): Promise<string> {
  const file = fileOf(wanted);
  return withStores(options, async (stores) => {
    const template = file ?? compiled(await versionOf(stores, wanted, options.version));
    const list = await stores.lists.listByName(name);
    if (!list) throw new Fault("list-unknown", `There is no list ${name}; carillon lists has them.`);
    const counting = countingOf(options);
    const progress = list.contacts < manyContacts ? undefined : openProgress(process.stderr, () => systemClock.now());
    const looked = (contacts: number) => progress?.show(`${contacts} of ${list.contacts} contacts`);
    const report = await checkOverList(stores.templateContacts, { listId: list.id, template, options: counting, looked });
    progress?.end();
    return options.json ? JSON.stringify(report, null, 2) : reportText(report, template, name, counting);
  });
}

function fileOf(wanted: string): MessageTemplate | undefined {
  return /[./]/.test(wanted) ? compileMessage(readTemplateFile(wanted), { versionId: "0", version: 0 }) : undefined;
}

function countingOf({ concatenation = "udh-8", dataCoding0 = "gsm" }: Partial<SegmentOptions>): SegmentOptions {
  return { concatenation, dataCoding0 };
}

function compiled({ id, version, source }: TemplateVersion): MessageTemplate {
  return compileMessage(source, { versionId: id, version });
}

function shown({ id, name, version, source, publishedAt, publishedBy }: TemplateVersion) {
  return { id, name, channel: source.channel, version, publishedAt: new Date(publishedAt).toISOString(), publishedBy };
}

function previewText({ text, subject, html, sms }: Preview): string {
  const parts = [subject === undefined ? undefined : `Subject: ${subject}`, text, html].filter((part) => part !== undefined);
  return [...parts.map(terminalText), ...(sms ? [sizeText(sms)] : [])].join("\n\n");
}

async function versionOf({ templates }: Pick<Stores, "templates">, name: string, number: number | undefined): Promise<TemplateVersion> {
  const version = await templates.find(name, number);
  if (version) return version;
  const newest = number === undefined ? undefined : await templates.find(name);
  if (newest) throw new Fault("template-unknown", `There is no version ${number} of template ${name}; the newest is ${newest.version}.`);
  const meant = nearest(
    name,
    (await allPages((page) => templates.all(page))).map((each) => each.name),
  );
  throw new Fault(
    "template-unknown",
    `There is no template ${name}.${meant === undefined ? " carillon template list has them." : ` Did you mean ${meant}?`}`,
  );
}
