import { findKey } from "../access/access-engine.ts";
import { type DeskListener, defaultGraceMs } from "../agent/desk-engine.ts";
import type { KnownContact } from "../agent/ports.ts";
import type { About } from "../agent/work-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { hidingOf } from "../privacy/masking.ts";
import { conversationHandlers } from "./agent-conversations.ts";
import type { Handlers, LoggedIn } from "./agent-handlers.ts";
import { previewHandlers } from "./agent-previews.ts";
import { writtenHandlers } from "./agent-written.ts";
import { momentOf } from "./moment.ts";
import type { ApiParts } from "./parts.ts";
import { showCallback, showDesk } from "./schema/agent.ts";
import { showCall, showPerson } from "./schema/agent-call.ts";
import type { ConversationRequest } from "./schema/agent-conversation.ts";
import type { Reply, RequestBody, RequestType } from "./schema/agent-message.ts";
import { type PreviewRequest, showPreview } from "./schema/agent-preview.ts";
import type { WrittenRequest } from "./schema/agent-written.ts";
import { timeText } from "./schema/common.ts";

/** What the server does with each message of an agent's program. */
export class AgentDesk {
  readonly #parts: Pick<ApiParts, "agents" | "keys" | "written" | "masking">;

  constructor(parts: Pick<ApiParts, "agents" | "keys" | "written" | "masking">) {
    this.#parts = parts;
    this.#handlers = { ...previewHandlers(parts), ...conversationHandlers(parts), ...writtenHandlers(parts), ...this.#own };
  }

  /** @throws Fault `unauthorized` */
  async login(
    key: string,
    session: string,
    listener: DeskListener,
  ): Promise<{ readonly agent: LoggedIn; readonly keyId: string; readonly welcome: Reply }> {
    const { agents, keys } = this.#parts;
    const found = await findKey(keys, key);
    const agentId = found?.agentId;
    const known = agentId === undefined ? undefined : await agents.directory.agent(agentId);
    if (found === undefined || !known?.active)
      throw new Fault("unauthorized", "That is no agent's key, or it has been revoked. An administrator makes one for you.");
    const { id, name } = known;
    const [reasons, groups] = await Promise.all([
      agents.directory.reasonCodes(),
      Promise.all(
        known.memberships.map(async ({ groupId, priority, skills }) => {
          const group = await agents.directory.group(groupId);
          return { id: groupId, name: group?.name ?? "", priority, skills: [...skills] };
        }),
      ),
    ]);
    const desk = await agents.desks.login(id, session, listener);
    const card = agents.desks.cardOf(id);
    const shown = agents.previews.cardOf(id);
    const welcome: Reply = {
      type: "welcome",
      agent: { id, name },
      desk: showDesk(desk),
      groups,
      reasons: reasons.map((each) => ({ ...each })),
      graceMs: defaultGraceMs,
      ...(card && { call: showCall(card) }),
      ...(shown && { preview: showPreview(shown) }),
    };
    return { agent: { id, name, session }, keyId: found.id, welcome };
  }

  /** @param body fits the type's schema. @throws Fault with what is wrong */
  async answer<Type extends Exclude<RequestType, "login">>(agent: LoggedIn, type: Type, body: RequestBody<Type>): Promise<Reply> {
    return await this.#handlers[type](agent, body);
  }

  readonly #handlers: Handlers<Exclude<RequestType, "login">>;
  readonly #own: Handlers<Exclude<RequestType, "login" | PreviewRequest | ConversationRequest | WrittenRequest>> = {
    ready: (agent) => this.#order(agent, { kind: "ready" }),
    "not-ready": async (agent, { reason }) => {
      const codes = (await this.#parts.agents.directory.reasonCodes()).map(({ code }) => code);
      if (!codes.includes(reason)) throw new Fault("request-invalid", `/reason must be one of ${codes.join(", ")}`);
      return await this.#order(agent, { kind: "not-ready", reason });
    },
    logout: (agent) => this.#order(agent, { kind: "logout" }),
    "extend-wrap-up": (agent) => this.#order(agent, { kind: "extend" }),
    search: async (agent, { text }) => {
      const { hides, sensitive } = hidingOf(this.#parts.masking, "agent");
      const unseen = { fields: hides.has("fields") ? [...sensitive] : [], numbers: hides.has("numbers"), mailboxes: hides.has("mailboxes") };
      const items = await this.#work.search(agent.id, text, unseen);
      return { type: "contacts", items: items.map(showKnown) };
    },
    contact: async (agent, { contactId }) => {
      const { history, ...contact } = await this.#work.contact(agent.id, contactId);
      return { type: "contact", contact: { ...showKnown(contact), history: history.map((entry) => ({ ...entry, at: timeText(entry.at) })) } };
    },
    note: async (agent, { contactId, text }) => {
      await this.#work.note(agent.id, contactId, text);
      return { type: "ok" };
    },
    "opt-out": async (agent, { contactId, campaignId }) => {
      await this.#work.optOut(agent.id, contactId, campaignId);
      return { type: "ok" };
    },
    templates: async (_agent, { campaignId }) => ({
      type: "templates",
      items: (await this.#work.messages.offered(campaignId)).map((each) => ({ ...each })),
    }),
    "send-message": async (agent, { attemptId, ...wish }) => {
      const about = attemptId ?? this.#parts.agents.desks.deskOf(agent.id)?.hold?.attemptId;
      if (about === undefined) throw new Fault("agent-state", "You have no conversation, and write none up: say which with attemptId.");
      await this.#work.messages.send(agent, { attemptId: about, ...wish });
      return { type: "ok" };
    },
    dispositions: async (_agent, { campaignId }) => {
      const items = await this.#work.dispositions(campaignId);
      return { type: "dispositions", items: items.map((each) => ({ ...each, needs: [...each.needs] })) };
    },
    dispose: async (agent, { attemptId, callbackId, contactId, campaignId, ready = false, ...said }) => {
      const about = aboutOf({ attemptId, callbackId, contactId, campaignId });
      await this.#work.dispose(agent.id, about, said);
      const { desks } = this.#parts.agents;
      // Where it is no wrap-up any more, or the conversation goes on, nothing is to be ended.
      if (ready && desks.deskOf(agent.id)?.state === "wrap-up") await desks.order(agent.id, agent.session, { kind: "ready" });
      return { type: "ok" };
    },
    callbacks: async (agent) => ({ type: "callbacks", items: (await this.#work.callbacks(agent.id)).map(showCallback) }),
    "take-callback": async (agent, { callbackId }) => ({ type: "callback", callback: showCallback(await this.#work.take(agent.id, callbackId)) }),
    "put-back-callback": async (agent, { callbackId }) => {
      await this.#work.putBack(agent.id, callbackId);
      return { type: "ok" };
    },
    "schedule-callback": async (agent, { contactId, campaignId, dueAt, personal = false, fallbackAt, note }) => {
      const until = fallbackAt === undefined ? {} : { fallbackAt: momentOf(fallbackAt, "/fallbackAt") };
      const wish = { contactId, campaignId, dueAt: momentOf(dueAt, "/dueAt"), personal, ...until, ...(note !== undefined && { note }) };
      return { type: "callback", callback: showCallback(await this.#work.schedule(agent, wish)) };
    },
  };

  get #work() {
    return this.#parts.agents.work;
  }

  /** The new state comes as a `desk` message of its own, before this. */
  async #order({ id, session }: LoggedIn, event: Parameters<ApiParts["agents"]["desks"]["order"]>[2]): Promise<Reply> {
    await this.#parts.agents.desks.order(id, session, event);
    return { type: "ok" };
  }
}

/** @throws Fault `request-invalid` */
function aboutOf({
  attemptId,
  callbackId,
  contactId,
  campaignId,
}: Partial<Record<"attemptId" | "callbackId" | "contactId" | "campaignId", string>>): About {
  const given = [attemptId, callbackId, contactId ?? campaignId].filter((id) => id !== undefined).length;
  if (given === 1 && attemptId !== undefined) return { attemptId };
  if (given === 1 && callbackId !== undefined) return { callbackId };
  if (given === 1 && contactId !== undefined && campaignId !== undefined) return { contactId, campaignId };
  throw new Fault("request-invalid", "Give either attemptId, or callbackId, or contactId and campaignId.");
}

function showKnown(known: KnownContact) {
  return { ...showPerson(known), campaignIds: [...known.campaignIds] };
}
