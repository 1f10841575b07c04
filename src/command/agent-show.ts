import type { Message } from "./agent-line.ts";
import { oneLine, tableText } from "./table.ts";

/** A message of the server, for a person to read; undefined for those that say nothing new. */
export function showMessage(message: Message): string | undefined {
  switch (message["type"]) {
    case "welcome":
      return welcome(message);
    case "ok":
      return "done";
    case "desk":
      return desk(record(message["desk"]));
    case "call":
      return showCall(record(message["call"]));
    case "call-ended":
      return oneLine(`The call is over: ${text(message["why"])}.`);
    case "preview":
      return preview(record(message["preview"]));
    case "preview-ended":
      return previewEnded(message);
    case "payment-page":
      return oneLine(text(message["url"]));
    case "contacts":
      return list(message, "nobody was found", ["CONTACT", "CLIENT ID", "NUMBER", "CAMPAIGNS", "FIELDS"], (item) => [
        text(item["contactId"]),
        text(item["clientId"]),
        text(record(records(item["addresses"])[0])["number"]),
        words(item["campaignIds"]),
        fields(item),
      ]);
    case "contact":
      return contact(record(message["contact"]));
    case "templates":
      return list(message, "there are none", ["TEMPLATE", "CHANNEL"], (item) => [text(item["name"]), text(item["channel"])]);
    case "dispositions":
      return list(message, "there are none", ["CODE", "LABEL", "CATEGORY", "NEEDS"], (item) => [
        ...[text(item["code"]), text(item["label"]), text(item["category"]), words(item["needs"])],
      ]);
    case "conversations":
      return list(message, "nobody waits for an answer", conversationHead, conversationRow);
    case "conversation":
      return written(record(message["conversation"]));
    case "conversation-ended":
      return oneLine(`Conversation ${text(message["conversationId"])} is not yours any more.`);
    case "callbacks":
      return list(message, "nobody waits for a call", callbackHead, callbackRow);
    case "callback":
      return tableText(callbackHead, [callbackRow(record(message["callback"]))]);
    case "bye":
      return oneLine(text(message["message"]));
    default:
      return undefined;
  }
}

/** The call that a message tells of. */
export function attemptIn(message: Message): string | undefined {
  const { attemptId } = record(message["call"]);
  return attemptId === undefined ? undefined : text(attemptId);
}

const stages: Readonly<Record<string, string>> = {
  talking: "You talk to the person",
  held: "The person waits",
  dialling: "The person waits; it rings at",
  consulting: "The person waits; you talk to",
  swapped: "You talk to the person, and somebody waits:",
  conference: "You talk to the person and",
};

/** The whole of it until it has been led anywhere, or is recorded: then it has been seen before. */
function showCall(card: Message): string {
  return card["conversation"] === undefined && card["recording"] === undefined ? call(card) : conversation(card);
}

/** How a conversation stands that the agent has seen before. */
function conversation(card: Message): string {
  const { stage = "talking", muted, third, missed, notice } = record(card["conversation"]);
  const { recording } = card;
  const parts = [
    `${stages[text(stage)] ?? text(stage)}${third === undefined ? "" : ` ${text(third)}`}`,
    ...(missed === undefined ? [] : [`whom you called ${text(missed)}`]),
    ...(notice === "long-wait" ? ["they have waited for long, and are given back to you soon"] : []),
    ...(notice === "taken-back" ? ["they had waited for as long as anybody may"] : []),
    ...(muted === true ? ["you are muted"] : []),
    ...(recording === undefined ? [] : [recording === "paused" ? "the recording is paused" : "it is recorded"]),
  ];
  return oneLine(`${parts.join("; ")}.`);
}

/** What the agent does, where a message says so. */
export function stateIn(message: Message): string | undefined {
  const { state } = record(message["desk"]);
  return state === undefined ? undefined : text(state);
}

function call(card: Message): string {
  const { campaign, contact: known, address, consultedBy } = card;
  const answers = pairs(record(card["answers"]));
  const number = address === undefined ? "a number that is not shown" : text(address);
  const head = [
    `${consultedBy === undefined ? "CALL" : `ASKED BY ${text(record(consultedBy)["name"])} about a call`} ${card["direction"] === "inbound" ? "from" : "to"} ${number}`,
    ...(campaign === undefined ? [] : [text(record(campaign)["name"])]),
    ...(answers === "" ? [] : [`said ${answers}`]),
    ...(card["paymentUrl"] === undefined ? [] : [`payment ${text(card["paymentUrl"])}`]),
    ...(card["rings"] === true ? ["pick up your telephone"] : []),
  ];
  const person = known === undefined ? "  nobody of a list" : contact({ ...record(known), ...of(campaign), history: card["history"] });
  return `${oneLine(head.join(" · "))}\n${person}`;
}

const phases: Readonly<Record<string, string>> = { shown: "BEFORE YOU", dialling: "CALLING", talking: "CONNECTED" };

function preview(card: Message): string {
  const { contact: known, until } = card;
  const phase = text(card["phase"]);
  const head = [
    `${phases[phase] ?? phase} ${text(card["address"])}`,
    text(record(card["campaign"])["name"]),
    ...(until === undefined
      ? []
      : [`${card["dialsItself"] === true ? "is called" : "yours"} ${card["dialsItself"] === true ? "at" : "until"} ${text(until)}`]),
    ...(card["paymentUrl"] === undefined ? [] : [`payment ${text(card["paymentUrl"])}`]),
  ];
  const line = oneLine(head.join(" · "));
  // What is known of them was shown before.
  if (phase !== "shown") return line;
  const reasons = records(card["skipReasons"]).map((reason) => text(record(reason)["code"]));
  const ways = reasons.length === 0 ? "" : oneLine(`  dial, or skip ${reasons.join(" | ")}`);
  const person =
    known === undefined ? "  of whom nothing is known just now" : contact({ ...record(known), ...of(card["campaign"]), history: card["history"] });
  return [line, person, ways].filter((part) => part !== "").join("\n");
}

function previewEnded(message: Message): string {
  const { result, reason } = message;
  const more = result === undefined ? reason : result;
  return oneLine(`They are not before you any more: ${text(message["why"])}${more === undefined ? "" : `, ${text(more)}`}.`);
}

const conversationHead = ["CONVERSATION", "STATE", "WAITS SINCE", "FROM", "TO", "GROUP", "CAMPAIGN"];

function conversationRow(item: Message): readonly string[] {
  const state = item["yours"] === true ? "yours" : text(item["state"]);
  const [group, campaign] = [text(record(item["group"])["name"]), text(record(item["campaign"])["name"])];
  return [text(item["id"]), state, text(item["waitsSince"]).slice(0, 16), text(item["person"]), text(item["ours"]), group, campaign];
}

/** What was written to and fro, and who it is. */
function written(card: Message): string {
  const { contact: known } = card;
  const campaign = record(card["campaign"])["name"];
  const head = `${card["channel"] === "email" ? "E-MAIL" : "TEXT"} ${text(card["id"])} from ${text(card["person"])} to ${text(card["ours"])}${campaign === undefined ? "" : ` · ${text(campaign)}`}`;
  const lines = records(card["lines"]).map((line) => {
    const { at, from, text: said, subject, attachments, agent, standing } = record(line);
    const who = from === "person" ? "they" : agent === undefined ? "we" : text(agent);
    const about = subject === undefined ? "" : `«${text(subject)}» `;
    const hanging = records(attachments).map((each) => `  [attached: ${text(record(each)["filename"])}, ${text(record(each)["octets"])} octets]`);
    return `  ${text(at).slice(0, 16)}  ${who}: ${about}${text(said)}${hanging.join("")}${standing === undefined ? "" : `  [${text(standing)}]`}`;
  });
  const person = known === undefined ? ["  nobody of a list"] : contact(record(known)).split("\n");
  return [head, ...person, ...lines].map(oneLine).join("\n");
}

const callbackHead = ["CALLBACK", "DUE", "STANDING", "CONTACT", "CAMPAIGN", "NUMBER", "NOTE", "FIELDS"];

function callbackRow(item: Message): readonly string[] {
  const campaign = `${text(item["campaignId"])} ${text(item["campaign"])}`;
  return [
    ...[text(item["id"]), text(item["dueAt"]).slice(0, 16), text(item["standing"]), text(item["contactId"]), campaign, text(item["address"])],
    ...[text(item["note"]), fields(item)],
  ];
}

function welcome(message: Message): string {
  const groups = records(message["groups"]).map((group) => text(record(group)["name"]));
  const reasons = records(message["reasons"]).map((reason) => text(record(reason)["code"]));
  return oneLine(
    `You are ${text(record(message["agent"])["name"])}, in ${groups.join(", ") || "no group"}. Reasons to pause: ${reasons.join(", ")}. ${desk(record(message["desk"]))}`,
  ).concat(
    message["call"] === undefined ? "" : `\n${call(record(message["call"]))}`,
    message["preview"] === undefined ? "" : `\n${preview(record(message["preview"]))}`,
  );
}

function desk(now: Message): string {
  const { next } = now;
  const reason = now["reason"] === undefined ? "" : ` (${text(now["reason"])})`;
  const until = now["until"] === undefined ? "" : ` until ${text(now["until"])}`;
  const after = next === undefined ? "" : `, then ${text(record(next)["state"])}`;
  return oneLine(`You are ${text(now["state"])}${reason}${until}${after}.`);
}

/** The campaign by its id: commands want that. */
function of(campaign: unknown): Message {
  const { id } = record(campaign);
  return id === undefined ? {} : { campaignIds: [id] };
}

function contact(known: Message): string {
  const numbers = records(known["addresses"]).map((address) => `${text(record(address)["number"])} (${text(record(address)["kind"])})`);
  const head = [
    `contact ${text(known["contactId"])}`,
    text(known["clientId"]),
    text(known["timeZone"]),
    ...numbers,
    ...(known["campaignIds"] === undefined ? [] : [`campaign ${words(known["campaignIds"])}`]),
  ];
  const past = records(known["history"]).map((entry) => {
    const { at, kind, text: said } = record(entry);
    return `  ${text(at).slice(0, 16)}  ${text(kind)}: ${text(said)}`;
  });
  return [head.filter((part) => part !== "").join(" · "), `  ${fields(known)}`, ...past].map(oneLine).join("\n");
}

function list(message: Message, none: string, head: readonly string[], row: (item: Message) => readonly string[]): string {
  const items = records(message["items"]);
  return items.length === 0
    ? none
    : tableText(
        head,
        items.map((item) => row(record(item))),
      );
}

function fields(item: Message): string {
  return pairs(record(item["fields"]));
}

function pairs(named: Message): string {
  return Object.entries(named)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(" ");
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function words(value: unknown): string {
  return records(value).map(text).join(" ");
}

function records(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Message {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
