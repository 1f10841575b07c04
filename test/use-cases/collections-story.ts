import { fieldOf, textOf } from "../../src/command/api-client.ts";
import { type Desk, openDesks } from "./desk.ts";
import { atNoon, type Place, type Row } from "./place.ts";
import { collect, survey, talk } from "./scripts.ts";

/* A list of debtors, each contacted by the channel that their row asks for, and what they and the agents do. */

/** Says that they are the one, and presses this at the second question. */
const chooses = (key: string) =>
  `does:ring 500ms then say 700ms then hear 300ms then press 1 then wait 700ms then hear 300ms then press ${key} then speak then wait 1s then stay`;
const talks = "does:ring 500ms then say 700ms then speak then meet then stay";
/** Who is on the list, how much they owe, and what they do when called. */
const debtors = {
  texted: { amount: "40", calls: "busy" },
  mailed: { amount: "250", calls: "busy" },
  pays: { amount: "500", calls: chooses("2") },
  "link-sms": { amount: "501", calls: chooses("3") },
  "link-mail": { amount: "502", calls: chooses("4") },
  "asks-agent": { amount: "503", calls: chooses("1") },
  none: { amount: "504", calls: "bad-number" },
  away: { amount: "505", calls: "unavailable" },
  machine: { amount: "506", calls: "voicemail-beep-only" },
  talks: { amount: "5000", calls: talks },
  looked: { amount: "9000", calls: talks },
} as const;
export type Debtor = keyof typeof debtors;
const names = Object.keys(debtors) as Debtor[];
export const numberOf = (name: Debtor) => `+1212555${5000 + names.indexOf(name)}`;
export const mailOf = (name: Debtor) => `${name}@example.com`;
export const link = (name: Debtor) => `https://pay.example/${name}`;

const mapping = {
  columns: [
    { column: "Customer", as: "clientId" },
    { column: "Mobile", as: "number", kind: "mobile" },
    { column: "Mail", as: "mailbox" },
  ],
  rest: "field",
  rules: [
    { name: "settled", when: [{ field: "amount_due", is: ["0"] }], reject: "owes nothing" },
    { name: "very large", when: [{ field: "amount_due", above: 8000 }], set: { channel: "preview" } },
    { name: "large", when: [{ field: "amount_due", above: 1000 }], set: { channel: "agents" } },
    { name: "middling", when: [{ field: "amount_due", above: 400 }], set: { channel: "ivr" } },
    { name: "by mail", when: [{ field: "amount_due", above: 100 }], set: { channel: "email" } },
    { name: "others", set: { channel: "sms" } },
  ],
};

const passes = `
name: collections
limits: { per_contact: 6 }
events: { payment-received: stop }
passes:
  sms: { channel: sms, template: debt-text, sender: main, who: { field: channel, is: sms }, who_else: { pass: email }, window: 00:00-24:00 }
  email: { channel: email, template: debt-letter, sender: main, who: { field: channel, is: email }, who_else: { pass: ivr }, window: 00:00-24:00 }
  ivr:
    { channel: voice-ivr, script: collect, trunk: lab, caller_id: "+15550100000", who: { field: channel, is: ivr }, who_else: { pass: agents },
      window: 00:00-24:00, amd: { profile: b2c, machine: message },
      after: { machine-message: { copy: dunning }, no-answer: { retry: 2 h, at_most: 1 }, bad-number: { pass: letter } } }
  letter: { channel: email, template: debt-letter, sender: main, window: 00:00-24:00 }
  agents:
    { channel: voice-agent, mode: progressive, script: talk, trunk: lab, caller_id: "+15550100000", who: { field: channel, is: agents },
      who_else: { pass: look }, window: 00:00-24:00 }
  look: { channel: voice-agent, mode: preview, script: talk, trunk: lab, caller_id: "+15550100000", window: 00:00-24:00 }
`;

/** Everybody on the list, until each is where they end. */
export async function walk(place: Place) {
  const { ask, campaign, ended } = place;
  const body = 'Dear {first_name}, {amount_due | money: "USD"} is due. Pay at https://pay.example/{first_name} or call 1 800 555 0100.';
  await place.template({ name: "debt-text", channel: "sms", text: `${body} STOP to opt out.` });
  await place.template({ name: "debt-letter", channel: "email", subject: "Your account", text: body });
  await place.template({ name: "link-text", channel: "sms", text: "Pay at https://pay.example/{first_name}. STOP to opt out." });
  await place.template({ name: "link-letter", channel: "email", subject: "Your link", text: "Pay at https://pay.example/{first_name}." });
  await Promise.all([collect, survey, talk].map(place.script));
  await ask("PUT", "import-mappings/collections", mapping);
  await place.at(Object.fromEntries(names.map((name) => [numberOf(name), debtors[name].calls])));
  const rows = names.map((name) => ({
    Customer: name,
    Mobile: numberOf(name),
    Mail: mailOf(name),
    first_name: name,
    amount_due: debtors[name].amount,
  }));
  const settled = { Customer: "settled", Mobile: "+12125555900", Mail: "", first_name: "settled", amount_due: "0" };
  const list = await place.people("collections", [...rows, settled], "&mapping=collections");
  // Where those go who are copied: a campaign of its own, that waits for them.
  const one = await place.people("dunning", [{ client_id: "old", email: "old@example.com", first_name: "old", amount_due: "1" }]);
  const dunning = await campaign({ channel: "email", name: "dunning", listId: one.listId, template: "debt-letter" }, { draft: true });
  await ask("PUT", `campaigns/${dunning}/schedule`, { staysOpen: true });
  await ask("POST", `campaigns/${dunning}/start`);
  await place.strategy(passes);
  const made = await place.pursue("collections", list.listId, false);
  const of = (pass: string) => made.passes[pass] ?? "";
  const [live] = await openDesks(place, "live", [of("agents")], [1]);
  const [looks] = await openDesks(place, "looks", [of("look")], [2]);
  const [asked] = await openDesks(place, "asked", [of("ivr")], [3]);
  if (!live || !looks || !asked) throw new Error("there are three desks");
  for (const pass of ["agents", "look"]) {
    const rules = { paymentUrl: "https://pay.example/{client_id}?amount={amount_due}" };
    await ask("PUT", `campaigns/${of(pass)}/agent-rules`, rules);
  }
  await Promise.all([live, looks, asked].map((desk) => desk.ready()));
  await ask("POST", `strategy-campaigns/${made.id}/start`);
  const [byAgent, looked, byIvr] = await Promise.all([
    discuss(live, list.id("talks"), of("agents")),
    preview(place, looks, of("look"), list.id("looked")),
    answer(asked, list.id("asks-agent")),
  ]);
  await ended(of("ivr"), 7);
  await ended(of("sms"), 1);
  // While one of them waits to be called again.
  const read = () => place.items(`reports/live?strategyCampaignId=${made.id}&${atNoon}`);
  const isCounted = (rows: readonly Row[]) => rows.some((row) => row["campaignId"] === of("ivr") && row["calls"] === 7);
  const atWork = await place.seen(read, isCounted, "the calls to be counted");
  return { id: made.id, of, list, dunning, live, atWork, byAgent, looked, byIvr };
}

/** Talks, sends a link both ways, opens the payment page, and writes down that it is paid. */
async function discuss(desk: Desk, contactId: string, campaignId: string) {
  const { attemptId } = await desk.talk(contactId);
  const offered = await desk.ask("templates", { campaignId });
  await desk.ask("send-message", { attemptId, channel: "sms", template: "link-text" });
  await desk.ask("send-message", { attemptId, channel: "email", template: "link-letter" });
  const page = await desk.ask("payment-page", { contactId, campaignId });
  const history = fieldOf(await desk.ask("contact", { contactId }), "contact");
  await desk.ask("hang-up");
  await desk.finish(attemptId, { code: "payment-done", amount: 5000, ready: true });
  return { attemptId, offered, page, history };
}

/** Looks first, calls, and is asked to call again: does so when it is due. */
async function preview({ seen, items }: Place, desk: Desk, campaignId: string, contactId: string) {
  const card = await seen(
    () => desk.ask("next", { campaignId }).catch((fault: Error) => ({ refused: fault.message })),
    (found) => fieldOf(found, "preview") !== undefined,
    "somebody to look at",
  );
  await desk.ask("dial");
  const { attemptId } = await desk.talk(contactId);
  const dueAt = new Date(Date.now() + 1000).toISOString();
  const wanted = fieldOf(await desk.ask("schedule-callback", { contactId, campaignId, dueAt, personal: true, note: "in a moment" }), "callback");
  await desk.ask("hang-up");
  await desk.finish(attemptId, { code: "follow-up" });
  await desk.next("preview-ended", (message) => message["attemptId"] === attemptId);
  const callbackId = textOf(wanted, "id") ?? "";
  const isDue = (rows: readonly Row[]) => rows.some((row) => row["id"] === callbackId && row["standing"] === "due");
  await seen(() => items("callbacks"), isDue, "the callback to be due");
  await desk.ask("take-callback", { callbackId });
  await desk.ask("dial-callback", { callbackId });
  const again = await desk.talk(contactId);
  await desk.ask("hang-up");
  await desk.finish(again.attemptId, { code: "promise-to-pay", amount: 9000, date: "2030-01-31" });
  return { card, attemptId, again, callbackId };
}

async function answer(desk: Desk, contactId: string) {
  const call = await desk.talk(contactId);
  await desk.ask("hang-up");
  await desk.finish(call.attemptId, { code: "processed" });
  return call;
}
