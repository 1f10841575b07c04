import { Fault } from "../kernel/fault.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { oneLine, tableText, terminalText, timeCell } from "./table.ts";

export interface MessageListOptions extends CommonOptions {
  /** Name of a campaign. */
  readonly campaign?: string;
  /** Id of a contact. */
  readonly contact?: string;
  readonly in?: boolean;
  readonly json?: boolean;
}

const longestText = 60;

/** `carillon message list` */
export function listMessages({ campaign: name, contact, in: received = false, json = false, ...options }: MessageListOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const campaign = name === undefined ? undefined : await stores.campaigns.findByName(name);
    if (name !== undefined && campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${name}.`);
    const filter = { ...(campaign && { campaignId: campaign.id }), ...(contact !== undefined && { contactId: contact }) };
    if (received) {
      const all = await allPages((page) => stores.messageReader.received(filter, page));
      if (json) return JSON.stringify(all, undefined, 2);
      if (all.length === 0) return "Nobody has written by SMS.";
      const rows = all.map(({ id, at, from, to, state, text }) => [id, timeCell(at), from, to, state, text.slice(0, longestText)]);
      return tableText(["ID", "AT", "FROM", "TO", "TAKEN FOR", "TEXT"], rows);
    }
    const all = await allPages((page) => stores.messageReader.sent(filter, page));
    if (json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0) return "No messages have been sent.";
    const rows = all.map(({ id, at, channel, via, to, state, result, text }) => [
      ...[id, timeCell(at), channel, via, to, result ?? state, text.slice(0, longestText)],
    ]);
    return tableText(["ID", "AT", "CHANNEL", "VIA", "TO", "RESULT", "TEXT"], rows);
  });
}

/** `carillon message show ID` */
export function showMessage(id: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const message = await stores.messageReader.one(id);
    if (!message) throw new Fault("message-unknown", `There is no message ${id}. carillon message list tells them.`);
    const { at, channel, via, from, to, text, state, result, reason, campaignId, contactId, parts, reports } = message;
    const head = [
      `Message ${id} by ${channel}, ${timeCell(at)}, over ${via}, from ${from} to ${to}: ${result ?? `${state}, not over yet`}${reason ? ` (${reason})` : ""}`,
      `Of ${campaignId === undefined ? "no campaign" : `campaign ${campaignId}`}${contactId === undefined ? "" : `, contact ${contactId}`}${parts === undefined ? "" : `; parts: ${parts}`}`,
      ...reports.map(({ part, remoteId, state: said = "no report yet", error, at: reportedAt }) => {
        const when = reportedAt === undefined ? "" : ` at ${timeCell(reportedAt)}`;
        return `Part ${part}, ${remoteId || "without an id"}: ${said}${error === undefined ? "" : ` ${error}`}${when}`;
      }),
    ];
    return [...head.map(oneLine), "", terminalText(text)].join("\n").trimEnd();
  });
}

/** `carillon message unmatched` */
export function listUnmatched({ json = false, ...options }: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores) => {
    const all = await allPages((page) => stores.messageReader.unmatched(page));
    if (json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0) return "Every report of delivery fits a message.";
    const rows = all.map(({ id, at, bind, state, error = "", remoteId = "", from, to }) => [
      id,
      timeCell(at),
      bind,
      state,
      error,
      remoteId,
      from,
      to,
    ]);
    return tableText(["ID", "AT", "BIND", "STATE", "ERROR", "ITS ID", "FROM", "TO"], rows);
  });
}
