import { type MailKind, mailKinds } from "../email/inbox-ports.ts";
import type { IncomingMailView } from "../email/mail-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, tableText, terminalText, timeCell } from "./table.ts";

export interface MailListOptions extends CommonOptions {
  /** Name of a campaign. */
  readonly campaign?: string;
  readonly kind?: string;
  readonly json?: boolean;
}

const atOnce = 500;
const longestSubject = 60;

const isKind = (word: string): word is MailKind => mailKinds.some((kind) => kind === word);

/** `carillon mail list`: the oldest first. */
export function listMails({ campaign: name, kind, json, ...options }: MailListOptions): Promise<string> {
  if (kind !== undefined && !isKind(kind)) throw new Fault("request-invalid", `There is no kind ${kind}; there are: ${mailKinds.join(", ")}.`);
  return withStores(options, async (stores) => {
    const campaign = name === undefined ? undefined : await stores.campaigns.findByName(name);
    if (name !== undefined && campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${name}.`);
    const filter = { ...(campaign && { campaignId: campaign.id }), ...(kind !== undefined && { kind }) };
    const all: IncomingMailView[] = [];
    for (let rows = await stores.mailReader.mails(filter, { limit: atOnce }); ; ) {
      // Of what many say at length only the head lines are shown.
      all.push(...rows.map((row) => (json ? row : { ...row, text: "" })));
      const last = rows.at(-1);
      if (!last || rows.length < atOnce) break;
      rows = await stores.mailReader.mails(filter, { limit: atOnce, afterId: last.id });
    }
    if (json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0) return "No e-mails have come in. What takes them in is under email.mailboxes and email.receivers.";
    const rows = all.map(({ id, at, kind: is, from = "", attemptId = "", enhanced = "", subject }) => [
      ...[id, timeCell(at), is, from, attemptId, enhanced, subject.slice(0, longestSubject)],
    ]);
    return tableText(["ID", "AT", "KIND", "FROM", "ATTEMPT", "STATUS", "SUBJECT"], rows);
  });
}

/** `carillon mail show ID` */
export function showMail(id: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const mail = await stores.mailReader.mail(id);
    if (!mail) throw new Fault("mail-unknown", `There is no incoming e-mail ${id}. carillon mail list tells them.`);
    const { at, kind, from, recipients, subject, text, enhanced, reason, attemptId, campaignId, contactId, inbox, size, attachments } = mail;
    const belongs = [
      ...(attemptId === undefined ? [] : [`attempt ${attemptId}`]),
      ...(campaignId === undefined ? [] : [`campaign ${campaignId}`]),
      ...(contactId === undefined ? [] : [`contact ${contactId}`]),
    ];
    const head = [
      `E-mail ${id}, ${timeCell(at)}, by ${inbox}, ${size} octets: ${kind}${enhanced === undefined ? "" : ` ${enhanced}`} (${reason})`,
      `From ${from ?? "nobody who can be read"} to ${recipients.join(", ")}`,
      ...(belongs.length === 0 ? [] : [`Of ${belongs.join(", ")}`]),
      `Subject ${subject}`,
      ...attachments.map(({ filename, type, octets }) => `Attached ${filename}, ${type}, ${octets} octets`),
    ];
    return [...head.map(oneLine), "", terminalText(text)].join("\n").trimEnd();
  });
}
