import type { EventType } from "./event.ts";
import type { SendEnd, Webhook, WebhookPatch, WebhookStore } from "./ports.ts";

/** What an administrator says of a webhook. */
export interface WebhookWish {
  readonly name: string;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly active: boolean;
}

/** A webhook with the secret that its requests are signed with, which is told once. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  /** `whsec_` and base64 of 32 bytes (Standard Webhooks 1.0.0, "secret format"). */
  readonly secret: string;
}

/** What came of a try, for people. */
export interface WebhookTried extends SendEnd {
  readonly taken: boolean;
  readonly tookMs: number;
}

/** Webhooks as API and commands change them. */
export interface WebhookControl
  extends Pick<WebhookStore, "list" | "find" | "findByName" | "remove" | "messages" | "message" | "replay" | "replayDead"> {
  /** @throws Fault `webhook-invalid`, `webhook-exists`, `secret-key-missing` */
  add(wish: WebhookWish): Promise<WebhookWithSecret>;
  /** @throws Fault `webhook-invalid`, `webhook-unknown` */
  change(id: string, patch: WebhookPatch): Promise<Webhook>;
  /** Gives it another secret. @param previousHours for how long it is signed with the one before too @throws Fault `webhook-unknown`, `secret-key-missing` */
  rotate(id: string, previousHours: number): Promise<WebhookWithSecret>;
  /** Sends it a `webhook.test`, once, now. @throws Fault `webhook-unknown` */
  test(id: string): Promise<WebhookTried>;
  /** Seals every secret with the present key. */
  reseal(): Promise<{ readonly resealed: readonly string[]; readonly unreadable: readonly string[] }>;
}
