import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import { unsubscribePage } from "../unsubscribe-page.ts";

/** All people come by one proxy. */
const perMinute = 6_000;
const html = "text/html; charset=utf-8";

/** Links of e-mails that count clicks: people are sent on to where the link says it leads, and nowhere else. */
export async function addClicks(app: App, { email }: ApiParts): Promise<void> {
  await app.register(async (plain) => {
    const pages = plain.withTypeProvider<TypeBoxTypeProvider>();
    const config = { urgent: true, rateLimit: { max: perMinute, timeWindow: 60_000 } };
    const schema = {
      hide: true,
      params: Type.Object({ mark: Type.String({ maxLength: 100 }) }),
      querystring: Type.Object({ to: Type.Optional(Type.String({ maxLength: 4000 })) }),
    } as const;
    pages.route({
      method: ["GET", "HEAD"],
      url: "/l/:mark",
      config,
      schema,
      async handler({ params: { mark }, query: { to = "" }, headers, method }, reply) {
        reply.header("cache-control", "no-store").header("referrer-policy", "no-referrer").header("x-robots-tag", "noindex");
        const attemptId = email.clicks.attemptOf(mark, to);
        if (attemptId === undefined) return reply.code(404).type(html).send(unsubscribePage("unknown", headers["accept-language"]));
        // Whoever only looks whether it is there, or fetches ahead, has not followed it (Sec-Purpose: Fetch Metadata).
        const ahead = /prefetch|preview/i.test(`${headers["sec-purpose"] ?? ""} ${headers["purpose"] ?? ""} ${headers["x-purpose"] ?? ""}`);
        if (method === "GET" && !ahead) await email.clicks.count(attemptId, to, headers["user-agent"] ?? "");
        return reply.redirect(to, 302);
      },
    });
  });
}
