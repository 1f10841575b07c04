import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { passesOf } from "../../src/api/strategy-passes.ts";
import { ownThread } from "../../src/start/publishing.ts";

/** What a strategy names is published first, and everything it needs is configured. */
export async function preparedPasses(stores: Stores, name: string, listId: string, document: string) {
  const { version } = await stores.strategies.publish(document, "test");
  for (const pass of version.strategy.passes) {
    if ("script" in pass) await stores.scripts.publish(pass.script, `script: ${pass.script}`);
    else if (pass.channel === "sms") await stores.templates.publish({ name: pass.template, channel: "sms", text: "Hello. STOP to opt out." }, "test");
    else await stores.templates.publish({ name: pass.template, channel: "email", subject: "Hello", text: "Hello." }, "test");
  }
  const { passes, faults } = await passesOf({ name, listId, defaultTimeZone: "America/New_York" }, version.strategy, {
    publishing: { store: stores.scripts, reader: ownThread },
    templates: stores.templates,
    trunks: [{ name: "main", callerIdPrefixes: [] }],
    senders: { sms: [{ name: "main" }], email: [{ name: "main" }] },
  });
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return passes;
}
