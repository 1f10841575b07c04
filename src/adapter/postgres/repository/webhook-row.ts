import type { TryAnswer, WebhookMessage, WebhookMessageState } from "../../../webhook/message.ts";

/** A timestamptz as epoch ms. */
export function ms(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

/** Of the table or alias `m`. */
export function messageColumns(m: string): string {
  return `${m}.id::text, ${m}.webhook_id::text as "webhookId", ${m}.event, ${m}.body, ${ms(`${m}.created_at`)} as "createdAt", ${ms(`${m}.due_at`)} as "dueAt",
  ${m}.tries, ${m}.state, ${m}.answer, ${ms(`${m}.ended_at`)} as "endedAt"`;
}

export interface MessageRow {
  readonly id: string;
  readonly webhookId: string;
  readonly event: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly tries: number;
  readonly state: WebhookMessageState;
  readonly answer: TryAnswer | null;
  readonly endedAt: number | null;
}

export function toMessage({ answer, endedAt, ...row }: MessageRow): WebhookMessage {
  return { ...row, ...(answer !== null && { answer }), ...(endedAt !== null && { endedAt }) };
}
