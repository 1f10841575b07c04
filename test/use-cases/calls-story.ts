import { fieldOf, textOf } from "../../src/command/api-client.ts";
import { type Desk, openDesks } from "./desk.ts";
import type { Place } from "./place.ts";
import { front, parcel, talk } from "./scripts.ts";

/* Campaigns of calls, with agents in each mode and without any, and what the people who are called do. */

/** Carries all of them out; a walk that fails does so where it is awaited. */
export function walkCalls(place: Place) {
  const { ask, seen, people, campaign, attempts, ended } = place;
  let next = 0;

  /** Talks to whoever is on the line for a moment, and goes. */
  const talks = "does:ring 500ms then say 700ms then speak then meet then wait 500ms then hang up";
  const waits = "does:ring 500ms then say 700ms then speak then meet then stay";
  /** Who answers, says a word, and does as the IVR's menu says. */
  const presses = (key: string) =>
    `does:ring 500ms then say 700ms then hear 300ms then press ${key} then speak then meet then wait 300ms then hang up`;

  /** A list of people who behave like this when called. Of each list they are others: whoever opts out is out under their client id, wherever it stands. */
  async function listOf(name: string, personas: Readonly<Record<string, string>>) {
    next += 20;
    const numbers = Object.fromEntries(Object.keys(personas).map((who, at) => [who, `+1212555${3000 + next + at}`]));
    await place.at(Object.fromEntries(Object.entries(personas).map(([who, persona]) => [numbers[who] ?? "", persona])));
    const list = await people(
      name,
      Object.entries(numbers).map(([who, mobile]) => ({ client_id: `${name}-${who}`, mobile, first_name: who })),
    );
    return { ...list, id: (who: string) => list.id(`${name}-${who}`), numbers };
  }

  /** The attempts at somebody. */
  const tried = async (campaignId: string, address: string | undefined) => (await attempts(campaignId)).filter((row) => row["address"] === address);
  const deskOf = async (name: string, campaigns: readonly string[], phone: number): Promise<Desk> => {
    const [desk] = await openDesks(place, name, campaigns, [phone]);
    if (!desk) throw new Error("there is a desk for each telephone");
    return desk;
  };
  /** The card of whoever the agent has next before them. */
  const shown = async (desk: Desk, asked: Promise<Readonly<Record<string, unknown>>>) => {
    const card = fieldOf(await asked, "preview");
    return { attemptId: textOf(card, "attemptId") ?? "", contactId: textOf(fieldOf(card, "contact"), "contactId") ?? "", card, desk };
  };

  /** The agent looks at each before calling: one who does not answer, a machine, a number that is none, and two people. */
  async function walkPreview() {
    const list = await listOf("preview", { ring: "no-answer", machine: "voicemail-beep-only", none: "bad-number", stop: waits, later: waits });
    const id = await campaign({ name: "preview", listId: list.listId, script: "talk", mode: "preview" });
    const desk = await deskOf("preview", [id], 1);
    const looked: string[] = [];
    const dial = async (clientId: string) => {
      const { attemptId, card } = await shown(desk, desk.ask("dial-contact", { contactId: list.id(clientId), campaignId: id }));
      looked.push(textOf(card, "address") ?? "");
      return attemptId;
    };
    // The first one comes by itself, since it is the list's turn.
    await desk.ready();
    const { card, attemptId: ring } = await shown(desk, desk.ask("next", { campaignId: id }));
    looked.push(textOf(card, "address") ?? "");
    /** From then on the next one may be asked for. */
    const over = (attemptId: string) => desk.next("preview-ended", (message) => message["attemptId"] === attemptId);
    await desk.ask("dial");
    const rings = async () => (await place.lab.legs()).some(({ called, state }) => called === list.numbers["ring"] && state === "ringing");
    const look = async () => ({ rings: await rings(), attempts: await attempts(id) });
    await seen(look, (found) => found.rings, "it to ring");
    await desk.ask("set-result", { result: "no-answer" });
    await over(ring);
    const machine = await dial("machine");
    await desk.is("talking");
    await desk.ask("set-result", { result: "left-message" });
    await desk.is("wrap-up");
    await desk.ask("dispose", { attemptId: machine, code: "left-message", note: "asked to call us" });
    await over(machine);
    await over(await dial("none"));
    const stop = await dial("stop");
    await desk.is("talking");
    await desk.ask("opt-out", { contactId: list.id("stop") });
    await desk.ask("hang-up");
    await desk.finish(stop, { code: "do-not-call" });
    await over(stop);
    const later = await dial("later");
    await desk.is("talking");
    const dueAt = new Date(Date.now() + 3_600_000).toISOString();
    await desk.ask("schedule-callback", { contactId: list.id("later"), campaignId: id, dueAt, personal: true, note: "after work" });
    await desk.ask("hang-up");
    await desk.finish(later, { code: "follow-up" });
    await ended(id, 5);
    return { id, list, desk, looked, dueAt, machine };
  }

  /** One call for each agent who is ready; whoever answers by machine is hung up on. */
  async function walkProgressive() {
    const list = await listOf("progressive", { none: "bad-number", away: "unavailable", machine: "voicemail-beep-only", one: waits, two: waits });
    const amd = { profile: "b2c", actions: { machine: "hang-up" } };
    const id = await campaign({ name: "progressive", listId: list.listId, script: "talk", mode: "progressive", amd });
    const desk = await deskOf("progressive", [id], 2);
    const before = await attempts(id);
    /** Nobody hangs up before both have been heard. */
    const hangUp = async ({ contactId }: { readonly contactId: string }) => {
      const called = list.numbers[contactId === list.id("one") ? "one" : "two"] ?? "";
      const ears = async () => [...(await place.callsTo(called)), ...(await place.lab.phoneBooks()).filter((call) => call.called === "agent-2")];
      const heard = (calls: Awaited<ReturnType<typeof ears>>, whose: string) =>
        calls.some(({ voices }) => voices.some(({ voice }) => voice.startsWith(whose)));
      await seen(ears, (calls) => heard(calls, "agent-") && heard(calls, "person-"), "the two to hear each other");
      await desk.ask("hang-up");
    };
    await desk.ready();
    const first = await desk.talk();
    const during = (await attempts(id)).filter((row) => row["state"] !== "ended");
    await hangUp(first);
    await desk.finish(first.attemptId, { code: "up-sell", ready: true });
    const second = await desk.talk();
    await hangUp(second);
    await desk.finish(second.attemptId, { code: "processed", note: "sent the papers", ready: true });
    await ended(id, 5);
    return { id, list, desk, before, during, talked: [first, second] };
  }

  /** Calls for two agents by the pacer; machines hear a message. */
  async function walkPredictive() {
    const list = await listOf("predictive", { none: "bad-number", machine: "voicemail-beep-only", one: talks, two: talks, three: talks });
    const amd = { profile: "b2c", actions: { machine: "message" } };
    const id = await campaign({ name: "predictive", listId: list.listId, script: "talk", mode: "predictive", amd });
    const desks = await openDesks(place, "predictive", [id], [3, 4]);
    const work = async (desk: Desk) => {
      await desk.ready();
      for (;;) {
        const call = await Promise.race([desk.talk(), over]);
        if (call === undefined) return;
        await desk.finish(call.attemptId, { code: "processed", ready: true });
      }
    };
    const over = ended(id, 5).then(() => undefined);
    await Promise.all(desks.map(work));
    return { id, list };
  }

  /** A script talks: to people, to a machine that hears a message, and to those whom nobody answers for. */
  async function walkIvr() {
    const list = await listOf("ivr", {
      ...{ none: "bad-number", away: "unavailable", machine: "voicemail-beep-only", hears: "listener" },
      ...{ stop: presses("9"), agent: presses("2"), outside: presses("3") },
    });
    await place.at({ [front]: "clerk" });
    const amd = { profile: "b2c", actions: { machine: "message" } };
    const id = await campaign({ name: "ivr", listId: list.listId, script: "parcel", amd }, { draft: true });
    const desk = await deskOf("ivr", [id], 5);
    await desk.ready();
    await ask("POST", `campaigns/${id}/start`);
    const call = await desk.talk();
    await desk.finish(call.attemptId, { code: "processed" });
    const short = await listOf("ivr-short", { machine: "voicemail-beep-only" });
    const hangs = await campaign({ name: "ivr-short", listId: short.listId, script: "parcel", amd: { ...amd, actions: { machine: "hang-up" } } });
    await Promise.all([ended(id, 7), ended(hangs, 1)]);
    return { id, list, call, hangs, short };
  }

  const scripts = Promise.all([place.script(talk), place.script(parcel)]);
  const after = <T>(walk: () => Promise<T>) => scripts.then(walk);
  const [preview, progressive, spoken] = [after(walkPreview), after(walkProgressive), after(walkIvr)];
  // One after the other: calls that are listened to need two sessions of the FreeSWITCH each, all at once.
  const predictive = progressive.then(walkPredictive);
  for (const walk of [preview, progressive, predictive, spoken]) walk.catch(() => {});
  return { preview, progressive, predictive, spoken, tried };
}
