import { Registry } from "prom-client";
import type { Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openMessages } from "../../src/start/messages.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld, phone } from "../adapter/stores-kit.ts";
import { bindTo, seed, startSmsc } from "../contracts/binds-kit.ts";
import { until } from "../harness/far-side.ts";
import { optionsOf, shortCode } from "./sms-kit.ts";

/** The whole of SMS over one bind to the lab's SMSC. */
export async function openSmsWorld(t: Test) {
  t.comment(`seed ${seed}`);
  const { stores } = await openWorld(t);
  const smsc = await startSmsc(t);
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node, watchMs: 50 });
  await pass.start();
  /** What the webhook was told. */
  const told: unknown[] = [];
  const crm = { isAway: false };
  const messages = openMessages({
    config: {
      contact: { defaultCountry: "US" },
      sms: optionsOf([bindTo(smsc.port, { window: 50, responseTimeoutMs: 1500 })], [{ ...shortCode, maxPerSecond: 100_000 }]),
    },
    ...{ stores, attempts: stores.attempts, pass, metrics: new Registry(), clock: systemClock, random: seededRandom(seed), log: silentLog },
    webhooks: {
      configured: ["crm"],
      call: async (name, body) => {
        told.push({ name, ...body });
        return crm.isAway ? { end: "failed", reason: "ECONNREFUSED" } : { end: "answered", status: 200, body: {} };
      },
    },
  });
  t.teardown(() => messages.close());
  t.teardown(() => pass.close());

  const one = async <Row extends object>(sql: string, ...values: unknown[]) => (await stores.pool.query<Row>(sql, values)).rows[0];
  const wroteTo = (number: string) => smsc.books.submits.filter(({ to }) => to === number.slice(1)).map(({ text }) => text);

  /** A campaign to these people, by persona (several: one after the other); resolves with their results, in order, when they have them. */
  async function reached(name: string, from: number, personas: readonly string[], want: readonly string[]) {
    for (const [index, persona] of personas.entries()) smsc.directory.assign(phone(from + index), persona.split(" "));
    const people = personas.map((_, index) => [{ kind: "mobile" as const, number: phone(from + index) }]);
    const listId = await listOf(stores, name, people);
    // Of nobody else: an opt-out covers everybody with the same client id.
    await stores.pool.query("update contact set client_id = $2 || client_id where list_id = $1", [listId, name]);
    const { version } = await stores.templates.publish({ name, channel: "sms", text: "Hi {first_name}" }, "test");
    const campaign = await writeTo(stores, "sms", listId, { name, templateVersionId: version.id });
    const results = async () => {
      const { rows } = await stores.pool.query<{ result: string }>(
        "select (array_agg(result order by id desc))[1] as result from attempt where campaign_id = $1 group by contact_id order by contact_id",
        [campaign.id],
      );
      return rows.map(({ result }) => result);
    };
    await until(async () => (await results()).join() === want.join(), `results ${want.join()}, not ${await results()}`).catch(
      async (error: Error) => {
        throw new Error(`${error.message}; have ${await results()}`);
      },
    );
    return campaign;
  }
  return { stores, smsc, pass, messages, told, crm, one, wroteTo, reached };
}
