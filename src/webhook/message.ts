export const webhookMessageStates = ["waiting", "delivered", "dead"] as const;
/** `waiting` until it has been taken (`delivered`), or given up (`dead`). */
export type WebhookMessageState = (typeof webhookMessageStates)[number];

/** What a try came to. */
export interface TryAnswer {
  /** Epoch ms. */
  readonly at: number;
  /** HTTP status; undefined when there was no answer. */
  readonly status?: number;
  readonly tookMs: number;
  /** Why it was not taken, for people. */
  readonly reason?: string;
}

/** What a webhook is to be told. Times in epoch ms. */
export interface WebhookMessage {
  readonly id: string;
  readonly webhookId: string;
  /** Its type: of event.ts. */
  readonly event: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly tries: number;
  readonly state: WebhookMessageState;
  readonly answer?: TryAnswer;
  readonly endedAt?: number;
}

/** What makes a message of a webhook known to its receiver, the same for every try. */
export function messageKey(id: string): string {
  return `msg_${id}`;
}

/** The request's body: type, time and what happened (Standard Webhooks 1.0.0, "payload structure"). The same for every try. */
export function requestText({ event, body, createdAt }: Pick<WebhookMessage, "event" | "body" | "createdAt">): string {
  return JSON.stringify({ type: event, timestamp: new Date(createdAt).toISOString(), data: body });
}
