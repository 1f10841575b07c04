import { type Static, Type } from "typebox";

/** A server that scripts may ask something during a call. */
export const webhookOptions = Type.Object(
  {
    name: Type.String({
      description: "What scripts call it.",
      pattern: "^[a-z][a-z0-9_]{0,63}$",
      hint: "use small letters, digits and _, at most 64, beginning with a letter",
    }),
    url: Type.String({
      description: "Where the question goes. Redirects are not followed.",
      pattern: "^https?://[^\\s/]+\\S*$",
      hint: "write a whole URL that begins with https:// or http://",
      secret: true,
    }),
    method: Type.Enum(["POST", "PUT"], { description: "HTTP method.", default: "POST" }),
    timeoutMs: Type.Integer({
      description: "An answer must be there whole within this, or earlier where the script says so. Nothing is asked twice.",
      minimum: 100,
      maximum: 60_000,
      default: 60_000,
    }),
    headers: Type.Array(Type.String({ minLength: 1, pattern: "^[A-Za-z0-9-]+:[ \\t]*[\\t -~]*$", hint: 'write each as "Name: value"' }), {
      description: "Headers sent with every question, such as an authorization.",
      default: [],
      secret: true,
    }),
    secret: Type.Optional(
      Type.String({
        description:
          "Key for signing (Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature): whsec_ and base64, or any text. Without it nothing is signed.",
        minLength: 16,
        secret: true,
      }),
    ),
    maxConcurrent: Type.Integer({
      description: "Questions under way at once, at most; more wait, and their time runs.",
      minimum: 1,
      maximum: 10_000,
      default: 50,
    }),
  },
  { description: "A server that scripts may ask something during a call.", additionalProperties: false },
);

export type WebhookOptions = Static<typeof webhookOptions>;
