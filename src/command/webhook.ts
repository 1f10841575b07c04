import { NetworkGuard } from "../adapter/http/guard.ts";
import { HttpSender } from "../adapter/http/sender.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { webhookControlOf } from "../start/webhook-control.ts";
import type { WebhookControl } from "../webhook/control-ports.ts";
import { type EventType, eventTypeNames, eventTypes, isEventType } from "../webhook/event.ts";
import { type WebhookMessageState, webhookMessageStates } from "../webhook/message.ts";
import type { Webhook } from "../webhook/ports.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { tableText, timeCell } from "./table.ts";

export interface WebhookWishOptions extends CommonOptions {
  /** Types of events, in commas. */
  readonly events?: string;
  readonly url?: string;
  readonly on?: boolean;
  readonly off?: boolean;
}

function withWebhooks<T>(options: CommonOptions, work: (webhooks: WebhookControl) => Promise<T>): Promise<T> {
  return withStores(options, async (stores, config) => {
    const guard = new NetworkGuard(config.webhookDelivery.privateNetworks);
    const sender = new HttpSender(guard, systemClock);
    try {
      return await work(webhookControlOf({ config, store: stores.webhooks, sender, guard, clock: systemClock }));
    } finally {
      sender.close();
    }
  });
}

/** `carillon webhook list` */
export function listWebhooks(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const all = await allPages((page) => webhooks.list(page));
    if (options.json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0) return "Nobody is told what happens: carillon webhook add NAME --url URL --events attempt.ended";
    const rows = all.map(({ name, url, events, ...state }) => [name, stateOf(state), url, events.join(",")]);
    return tableText(["NAME", "STATE", "URL", "EVENTS"], rows);
  });
}

function stateOf({ active, failingSince, disabledReason }: Pick<Webhook, "active" | "failingSince" | "disabledReason">): string {
  if (!active) return disabledReason === undefined ? "off" : `off: ${disabledReason}`;
  return failingSince === undefined ? "on" : `fails since ${timeCell(failingSince)}`;
}

/** `carillon webhook events` */
export function listEventTypes(): string {
  return tableText(
    ["EVENT", "WHEN"],
    eventTypeNames.map((name) => [name, eventTypes[name]]),
  );
}

/** `carillon webhook add NAME --url URL --events a,b` @returns what to say, with the secret */
export function addWebhook(name: string, { url = "", events = "", ...options }: WebhookWishOptions): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name))
      throw new Fault("webhook-invalid", `Take another name than ${name}: small letters, digits, _ and -, at most 64.`);
    const made = await webhooks.add({ name, url, events: eventsOf(events), active: true });
    return `${name} is told from now on. Its requests are signed with this secret, which is not shown again:\n${made.secret}`;
  });
}

/** `carillon webhook change NAME` */
export function changeWebhook(name: string, { url, events, on, off, ...options }: WebhookWishOptions): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    if (url === undefined && events === undefined && !on && !off)
      throw new Fault("webhook-invalid", "Say what is to change: --url, --events, --on or --off.");
    const { id } = await find(webhooks, name);
    const changed = await webhooks.change(id, {
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events: eventsOf(events) }),
      ...((on || off) && { active: on === true }),
    });
    return `${name} (${stateOf(changed)}) is told of ${changed.events.join(", ") || "nothing"} at ${changed.url}.`;
  });
}

/** `carillon webhook rotate NAME` */
export function rotateWebhook(
  name: string,
  { previousHours = 24, ...options }: CommonOptions & { readonly previousHours?: number },
): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const { id } = await find(webhooks, name);
    const { secret } = await webhooks.rotate(id, previousHours);
    return `The secret of ${name} is another one now; the one before signs too for ${previousHours} h:\n${secret}`;
  });
}

/** `carillon webhook remove NAME` */
export function removeWebhook(name: string, options: CommonOptions): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const { id } = await find(webhooks, name);
    await webhooks.remove(id);
    return `${name} is told nothing any more.`;
  });
}

/** `carillon webhook test NAME` @returns what to say, and whether it was taken */
export function testWebhook(name: string, options: CommonOptions): Promise<{ readonly said: string; readonly taken: boolean }> {
  return withWebhooks(options, async (webhooks) => {
    const { id } = await find(webhooks, name);
    const { taken, status, reason, tookMs } = await webhooks.test(id);
    return { taken, said: `${name} ${taken ? `took it (${status})` : `did not take it: ${reason ?? status}`}, after ${tookMs} ms.` };
  });
}

/** `carillon webhook messages NAME` */
export function listMessages(name: string, options: CommonOptions & { readonly state?: string; readonly json?: boolean }): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const { id } = await find(webhooks, name);
    const state = webhookMessageStates.find((known) => known === options.state);
    const filter: { readonly state?: WebhookMessageState } = state === undefined ? {} : { state };
    const all = await allPages((page) => webhooks.messages(id, filter, page));
    if (options.json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0) return `${name} has no such messages.`;
    const rows = all.map(({ id: message, event, createdAt, state: now, tries, dueAt, answer }) => [
      ...[message, event, timeCell(createdAt), now, String(tries)],
      now === "waiting" ? timeCell(dueAt) : "",
      answer === undefined ? "" : (answer.reason ?? `answered ${answer.status}`),
    ]);
    return tableText(["MESSAGE", "EVENT", "HAPPENED", "STATE", "TRIES", "NEXT TRY", "LAST ANSWER"], rows);
  });
}

/** `carillon webhook replay NAME [MESSAGE]`: without one, all that was given up. */
export function replayMessages(name: string, message: string | undefined, options: CommonOptions): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const { id } = await find(webhooks, name);
    if (message === undefined) return `${await webhooks.replayDead(id)} messages of ${name} are sent again by the server that runs.`;
    if (await webhooks.replay(id, message)) return `Message ${message} is sent again by the server that runs.`;
    throw new Fault("webhook-message-unknown", `${name} has no message ${message} that is over; carillon webhook messages ${name} shows them.`);
  });
}

/** `carillon webhook reseal` */
export function resealWebhooks(options: CommonOptions): Promise<string> {
  return withWebhooks(options, async (webhooks) => {
    const { resealed, unreadable } = await webhooks.reseal();
    const done = resealed.length === 0 ? "No secret had to be sealed anew." : `Sealed with the present key: ${resealed.join(", ")}.`;
    return unreadable.length === 0 ? done : `${done} No key opens those of ${unreadable.join(", ")}: rotate them.`;
  });
}

async function find(webhooks: WebhookControl, name: string): Promise<Webhook> {
  const webhook = await webhooks.findByName(name);
  if (!webhook) throw new Fault("webhook-unknown", `There is no webhook ${name}; carillon webhook list shows them.`);
  return webhook;
}

/** @throws Fault `webhook-invalid` */
function eventsOf(text: string): readonly EventType[] {
  const names = text.split(",").map((name) => name.trim());
  const wanted = names.filter((name) => name !== "");
  const unknown = wanted.filter((name) => !isEventType(name) || name === "webhook.test");
  if (unknown.length > 0) throw new Fault("webhook-invalid", `There is no event ${unknown.join(", ")}; carillon webhook events shows them.`);
  return wanted.filter(isEventType);
}
