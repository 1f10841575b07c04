import { Type } from "typebox";
import type { Caller } from "../../access/role.ts";
import { readyRule } from "../../compliance/rule.ts";
import { wantedRule } from "../../compliance/rule-book-engine.ts";
import { ruleFunctions, ruleVariables } from "../../compliance/rule-language.ts";
import { Fault } from "../../kernel/fault.ts";
import { hidingOf } from "../../privacy/masking.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import {
  backtestBody,
  backtestSchema,
  languageSchema,
  ruleBody,
  ruleDetailSchema,
  ruleParams,
  ruleSchema,
  showBacktest,
  showRule,
  showTrial,
  showVersion,
  trialBody,
  trialSchema,
} from "../schema/rule.ts";
import { signatureOf } from "../script-faults.ts";

const tags = ["compliance"];

export function addRules(app: App, { rules: { store, book, trials }, masking, clock }: ApiParts): void {
  /** An expression could spell out, trial by trial, what is shown to them as dots. @throws Fault `forbidden` */
  const mustSeeAll = (caller: Caller | undefined) => {
    if (hidingOf(masking, caller?.role ?? "").hides.size > 0)
      throw new Fault(
        "forbidden",
        "A trial asks about all that is known of people, and some of that is hidden from you: have somebody try it who sees it.",
      );
  };

  app.get(
    "/api/v1/rules",
    {
      schema: {
        tags,
        summary: "The account's own rules about who may be contacted",
        response: { 200: Type.Object({ items: Type.Array(ruleSchema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: (await store.list()).map(showRule) }),
  );

  app.get(
    "/api/v1/rules/:name",
    {
      schema: {
        tags,
        summary: "A rule, with every version of it",
        params: ruleParams,
        response: { 200: ruleDetailSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => {
      const history = await store.history(name);
      const [newest] = history;
      if (newest === undefined || newest.removed) throw unknownRule(name);
      return { ...showRule(newest), history: history.map(showVersion) };
    },
  );

  app.put(
    "/api/v1/rules/:name",
    {
      schema: {
        tags,
        summary: "Make a rule, or change it",
        description:
          "It holds for everybody who is picked from then on: here at once, on other nodes within two seconds. What it says already makes no new version (200).",
        params: ruleParams,
        body: ruleBody,
        response: { 200: ruleSchema, 201: ruleSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const { rule } = readyRule({ ...body, name: params.name, channels: body.channels ?? [] });
      const kept = await store.put(rule, signatureOf(request, undefined).by);
      await book.look();
      return reply.code(kept.fresh && kept.rule.version === 1 ? 201 : 200).send(showRule(kept.rule));
    },
  );

  app.delete(
    "/api/v1/rules/:name",
    {
      schema: {
        tags,
        summary: "Take a rule away",
        description: "Its versions are kept: what held at the time of an attempt can always be said.",
        params: ruleParams,
        response: { 204: Type.Null({ description: "It holds nobody back any more." }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      if (!(await store.remove(request.params.name, signatureOf(request, undefined).by))) throw unknownRule(request.params.name);
      await book.look();
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/rule-language",
    {
      schema: {
        tags,
        summary: "What an expression may speak of",
        response: { 200: languageSchema, ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({
      variables: Object.entries(ruleVariables).map(([name, variable]) => ({ name, ...variable })),
      functions: Object.entries(ruleFunctions).map(([signature, meaning]) => ({ signature, meaning })),
    }),
  );

  app.post(
    "/api/v1/rules/trial",
    {
      schema: {
        tags,
        summary: "Whom a rule would hold back in a campaign, now",
        description:
          "Asked about everybody whom the campaign still means to contact, of a draft about its whole list. Nothing is changed. For those from whom nothing of people is hidden.",
        body: trialBody,
        response: { 200: trialSchema, ...problemResponses(400, 401, 403, 404, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller }) => {
      mustSeeAll(caller);
      return showTrial(await trials.try(await wantedRule(store, body), body.campaignId));
    },
  );

  app.post(
    "/api/v1/rules/backtest",
    {
      schema: {
        tags,
        summary: "Which attempts a rule would have kept from being made",
        description: "By what is known of their people now, at the hour and in the place where each was made. Nothing is changed.",
        body: backtestBody,
        response: { 200: backtestSchema, ...problemResponses(400, 401, 403, 404, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller }) => {
      mustSeeAll(caller);
      const from = momentOf(body.from, "/from");
      const to = body.to === undefined ? clock.now() : momentOf(body.to, "/to");
      return showBacktest(await trials.backtest(await wantedRule(store, body), from, to));
    },
  );
}

function unknownRule(name: string): Fault {
  return new Fault("rule-unknown", `There is no rule ${name}; GET /api/v1/rules has them.`);
}
