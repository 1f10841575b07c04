import { randomBytes, randomUUID } from "node:crypto";
import { isSealedWith, nonceBytes, type SealKey, seal, sealKey, unseal } from "../access/seal.ts";
import type { NetworkGuard } from "../adapter/http/guard.ts";
import { placedFault } from "../api/problem.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { WebhookControl, WebhookWithSecret } from "../webhook/control-ports.ts";
import { requestText } from "../webhook/message.ts";
import type { SealedSecrets, SendEnd, Webhook, WebhookSender, WebhookStore } from "../webhook/ports.ts";
import { isTaken } from "../webhook/retry.ts";

export interface WebhookControlParts {
  readonly config: Pick<Config, "secret" | "webhookDelivery">;
  readonly store: WebhookStore;
  readonly sender: WebhookSender;
  readonly guard: Pick<NetworkGuard, "refusal">;
  readonly clock: Clock;
}

/** Standard Webhooks 1.0.0, "secret format": 24 to 64 bytes. */
const secretBytes = 32;
const mostPerPage = 500;

/** What the secrets of a webhook are sealed for; a webhook keeps its name. */
function placeOf(name: string): string {
  return `webhook ${name} secret`;
}

/** Adds, changes and tries webhooks. */
export function webhookControlOf(parts: WebhookControlParts): WebhookControl {
  const { store, sender, guard, clock, config } = parts;
  const unknown = (id: string) => new Fault("webhook-unknown", `There is no webhook ${id}; carillon webhook list shows them.`);
  const check = (url: string | undefined) => {
    const why = url === undefined ? undefined : urlFault(url, guard);
    if (why !== undefined) throw placedFault("webhook-invalid", `The webhook cannot be like this: url ${why}.`, [{ pointer: "/url", message: why }]);
  };
  const known = async (id: string) => {
    const webhook = await store.find(id);
    if (!webhook) throw unknown(id);
    return webhook;
  };
  return {
    list: (page) => store.list(page),
    find: (id) => store.find(id),
    findByName: (name) => store.findByName(name),
    remove: (id) => store.remove(id),
    messages: (id, filter, page) => store.messages(id, filter, page),
    message: (webhookId, id) => store.message(webhookId, id),
    replay: (webhookId, id) => store.replay(webhookId, id),
    replayDead: (id) => store.replayDead(id),
    async add(wish) {
      check(wish.url);
      const { secret, sealed } = freshSecret(config, wish.name);
      return { webhook: await store.add({ ...wish, sealedSecret: sealed }), secret };
    },
    async change(id, patch) {
      check(patch.url);
      const webhook = await store.change(id, patch);
      if (!webhook) throw unknown(id);
      return webhook;
    },
    async rotate(id, previousHours): Promise<WebhookWithSecret> {
      const { name } = await known(id);
      const { secret, sealed } = freshSecret(config, name);
      const webhook = await store.rotate(id, sealed, previousHours * 3_600_000);
      if (!webhook) throw unknown(id);
      return { webhook, secret };
    },
    async test(id) {
      const webhook = await known(id);
      const sealed = await store.sealed(id);
      const secrets = sealed === undefined ? [] : secretsOf(config, webhook.name, sealed);
      const begun = clock.now();
      const text = requestText({ event: "webhook.test", body: { webhookId: id, name: webhook.name }, createdAt: begun });
      const request = { url: webhook.url, key: `msg_test_${randomUUID()}`, text, secrets };
      const end: SendEnd = secrets.length === 0 ? { reason: unreadable } : await sender.send(request, config.webhookDelivery.timeoutMs);
      return { ...end, taken: isTaken(end.status), tookMs: clock.now() - begun };
    },
    reseal: () => reseal(config, store),
  };
}

const unreadable = "its secret cannot be read on this node: secret.key is not the key that it was sealed with";

/** What the secrets of a webhook say; without those that no key opens. */
export function secretsOf({ secret }: Pick<Config, "secret">, name: string, { sealedSecret, sealedPrevious }: SealedSecrets): readonly string[] {
  const [keys, place] = [keysOf(secret), placeOf(name)];
  const present = unseal(keys, place, sealedSecret);
  if (present === undefined) return [];
  const previous = sealedPrevious === undefined ? undefined : unseal(keys, place, sealedPrevious);
  return previous === undefined ? [present] : [present, previous];
}

function keysOf({ key, previousKeys }: Config["secret"]): readonly SealKey[] {
  return [...(key === undefined ? [] : [key]), ...previousKeys].map(sealKey);
}

function freshSecret({ secret: { key } }: Pick<Config, "secret">, name: string): { readonly secret: string; readonly sealed: string } {
  if (key === undefined)
    throw new Fault(
      "secret-key-missing",
      "A webhook's secret is kept only sealed, and this node has no key: give every node the same secret.key (CARILLON_SECRET_KEY_FILE), made with openssl rand -base64 32.",
    );
  const secret = `whsec_${randomBytes(secretBytes).toString("base64")}`;
  return { secret, sealed: sealedWith(sealKey(key), name, secret) };
}

function sealedWith(key: SealKey, name: string, secret: string): string {
  return seal(key, placeOf(name), secret, randomBytes(nonceBytes));
}

/** Why nothing may be sent there, for people; undefined when it may. */
function urlFault(url: string, guard: Pick<NetworkGuard, "refusal">): string | undefined {
  const target = URL.parse(url);
  if (target?.protocol !== "https:" && target?.protocol !== "http:") return "must be a whole URL that begins with https:// or http://";
  if (target.username !== "" || target.password !== "") return "must not hold a name or password: requests are signed instead";
  if (target.hash !== "") return "must not have a part after #";
  const refused = guard.refusal(target.hostname);
  return refused === undefined ? undefined : `is not taken: ${refused}`;
}

async function reseal(
  config: Pick<Config, "secret">,
  store: WebhookStore,
): Promise<{ readonly resealed: readonly string[]; readonly unreadable: readonly string[] }> {
  const { key: text } = config.secret;
  if (text === undefined) return { resealed: [], unreadable: [] };
  const key = sealKey(text);
  const report = { resealed: [] as string[], unreadable: [] as string[] };
  for (let page: readonly Webhook[] = [], afterId = "0"; ; afterId = page.at(-1)?.id ?? "") {
    page = await store.list({ limit: mostPerPage, afterId });
    if (page.length === 0) return report;
    for (const { id, name } of page) {
      const before = await store.sealed(id);
      if (before === undefined || isSealedWith(key, before.sealedSecret)) continue;
      const [present, previous] = secretsOf(config, name, before);
      if (present === undefined) report.unreadable.push(name);
      else {
        const after = {
          sealedSecret: sealedWith(key, name, present),
          ...(previous !== undefined && { sealedPrevious: sealedWith(key, name, previous) }),
        };
        if (await store.reseal(id, before, after)) report.resealed.push(name);
      }
    }
  }
}
