import type { Test } from "tap";
import { type AgentLine, connectAgent, type Message } from "../../src/command/agent-line.ts";
import { fieldOf, textOf } from "../../src/command/api-client.ts";
import type { Place, Row } from "./place.ts";

/** An agent with a telephone in the lab, and a program over the WebSocket that does what a test says. */
export interface Desk {
  readonly agentId: string;
  /** Sends a request. @returns its answer @throws Fault as the server refuses it */
  ask(type: string, body?: Message): Promise<Message>;
  /** The state, as soon as it is this one. */
  is(state: string): Promise<Message>;
  /** The next message of this type that has not been looked at before and fits; one that has come already, too. */
  next(type: string, fits?: (message: Message) => boolean): Promise<Message>;
  /** Talks to whoever comes: the call, once the two hear each other. @param contactId to nobody but this one */
  talk(contactId?: string): Promise<{ readonly attemptId: string; readonly contactId: string }>;
  /** Takes calls from now on; once the telephone is there. */
  ready(): Promise<void>;
  /** Says what came of a call, once it is over. */
  finish(attemptId: string, disposition: Row): Promise<void>;
}

/** A group of agents at these telephones that works for these campaigns, logged in and not ready. */
export async function openDesks(place: Place, name: string, campaigns: readonly string[], phones: readonly number[]): Promise<readonly Desk[]> {
  const { ask, lab } = place;
  const groupId = textOf(await ask("POST", "groups", { name, wrapUp: { wrapUpMs: 60_000, extensionMs: 0, maxExtensions: 0 } }), "id");
  for (const campaign of campaigns) await ask("PUT", `groups/${groupId}/campaigns/${campaign}`);
  return await Promise.all(
    phones.map(async (phone) => {
      const agentId = textOf(await ask("POST", "agents", { name: `${name} ${phone}` }), "id") ?? "";
      await ask("PUT", `groups/${groupId}/members/${agentId}`, {});
      const { host, sipPort } = lab.addresses.phones;
      await ask("PUT", `agents/${agentId}/phone`, { kind: "uri", uri: `sip:agent-${phone}@${host}:${sipPort}` });
      const key = textOf(await ask("POST", `agents/${agentId}/keys`), "key") ?? "";
      return await openDesk(place.test, place.server.api, agentId, key);
    }),
  );
}

/** A busy machine takes its time. */
const patienceMs = 90_000;

async function openDesk(t: Test, url: string, agentId: string, key: string): Promise<Desk> {
  const unseen: Message[] = [];
  let desk: Message = {};
  /** Attempts of which the two have heard each other: a busy machine may tell of the end in the same breath. */
  const connected = new Set<string>();
  /** Attempts of which the test knows. */
  const talked = new Set<string>();
  const waiting = new Set<() => void>();
  const heard = (message: Message) => {
    if (message["type"] === "desk") {
      desk = message["desk"] as Message;
      if (desk["state"] === "talking") connected.add(textOf(desk, "attemptId") ?? "");
    } else unseen.push(message);
    for (const look of [...waiting]) look();
  };
  const line: AgentLine = await connectAgent({ url, heard, closed: () => {} });
  t.teardown(() => line.close());
  /** What `find` finds, as soon as it does. @throws Error with where the agent is when it does not for too long */
  const when = <T>(what: string, find: () => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(
          new Error(`agent ${agentId} waited ${patienceMs} ms in vain for: ${what}; is ${JSON.stringify(desk)}, unseen ${JSON.stringify(unseen)}`),
        );
      }, patienceMs);
      // What nobody waits for any more keeps nothing up.
      timer.unref();
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const self: Desk = {
    agentId,
    ask: (type, body) => line.ask(type, body),
    is: (state) => when(state, () => (desk["state"] === state ? desk : undefined)),
    next: (type, fits = () => true) =>
      when(type, () => {
        const at = unseen.findIndex((message) => message["type"] === type && fits(message));
        return at < 0 ? undefined : unseen.splice(at, 1)[0];
      }),
    async talk(contactId) {
      // A database that is slow says who it is with another card; and one of a call before may not have been looked at.
      const whoOf = (message: Message) => textOf(fieldOf(fieldOf(message, "call"), "contact"), "contactId");
      const attemptOf = (message: Message) => textOf(fieldOf(message, "call"), "attemptId") ?? "";
      const isTheirs = (message: Message) =>
        !talked.has(attemptOf(message)) && whoOf(message) !== undefined && [undefined, whoOf(message)].includes(contactId);
      const card = await self.next("call", isTheirs);
      const attemptId = attemptOf(card);
      talked.add(attemptId);
      await when("talking", () => (connected.has(attemptId) ? true : undefined));
      return { attemptId, contactId: whoOf(card) ?? "" };
    },
    async ready() {
      await line.ask("ready");
      await self.is("ready");
    },
    async finish(attemptId, disposition) {
      await when("wrap-up", () => (desk["state"] === "wrap-up" ? true : undefined));
      await line.ask("dispose", { attemptId, ...disposition });
    },
  };
  const welcome = await line.ask("login", { key });
  desk = welcome["desk"] as Message;
  return self;
}
