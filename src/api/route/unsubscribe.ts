import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import { unsubscribePage } from "../unsubscribe-page.ts";

const scopes = ["account", "campaign"] as const;
/** Longer than any mark of ours. */
const longestMark = 60;
const html = "text/html; charset=utf-8";
/** All people come by one proxy, and mail programs of one provider by a few machines. */
const perMinute = 6_000;

/** The links that stand in e-mail, for people and mail programs, and the call of a customer's own page. */
export async function addUnsubscribe(app: App, { email }: ApiParts): Promise<void> {
  await app.register(async (plain) => {
    const pages = plain.withTypeProvider<TypeBoxTypeProvider>();
    // What a button sends, or a mail program (RFC 8058 §3.2: `List-Unsubscribe=One-Click`, as a form of either kind), says nothing that the link does not.
    pages.removeAllContentTypeParsers();
    pages.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: 8192 }, (_request, _body, done) => done(null, undefined));
    for (const scope of scopes) {
      const url = scope === "account" ? "/u/:mark" : "/u/:mark/campaign";
      const config = { urgent: true, rateLimit: { max: perMinute, timeWindow: 60_000 } };
      const schema = { hide: true, params: Type.Object({ mark: Type.String({ maxLength: 100 }) }) } as const;
      pages.get(url, { config, schema }, async ({ params: { mark }, headers }, reply) => {
        reply.header("cache-control", "no-store").header("referrer-policy", "no-referrer");
        const known = email.unsubscribes.knows(mark);
        const elsewhere = known ? email.unsubscribes.pageFor(mark, scope) : undefined;
        if (elsewhere !== undefined) return reply.redirect(elsewhere, 302);
        return reply
          .code(known ? 200 : 404)
          .type(html)
          .send(unsubscribePage(known ? "ask" : "unknown", headers["accept-language"], scope));
      });
      pages.post(url, { config, schema }, async ({ params: { mark }, headers }, reply) => {
        const taken = await email.unsubscribes.take(mark, scope, "link");
        return reply
          .header("cache-control", "no-store")
          .code(taken ? 200 : 404)
          .type(html)
          .send(unsubscribePage(taken ? "done" : "unknown", headers["accept-language"], scope));
      });
    }
  });

  app.post(
    "/api/v1/unsubscribes",
    {
      config: { urgent: true },
      schema: {
        tags: ["email"],
        summary: "Somebody has unsubscribed on your own page",
        description:
          "With the mark that stood in the link (email.unsubscribeUrl). Their queued e-mail is withdrawn; said again, nothing more happens.",
        body: Type.Object(
          {
            mark: Type.String({ minLength: 1, maxLength: longestMark, description: "As it stood in the link." }),
            scope: Type.Optional(Type.Enum([...scopes], { description: "All e-mail of yours, or that of the campaign.", default: "account" })),
          },
          { additionalProperties: false },
        ),
        response: { 204: Type.Null(), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ body: { mark, scope = "account" } }, reply) => {
      if (!(await email.unsubscribes.take(mark, scope, "the customer's page")))
        throw new Fault("mark-unknown", "That mark stands in no e-mail of ours.");
      return reply.code(204).send(null);
    },
  );
}
