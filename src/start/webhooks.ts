import { NetworkGuard } from "../adapter/http/guard.ts";
import { HttpSender } from "../adapter/http/sender.ts";
import { HttpWebhooks } from "../adapter/http/webhooks.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import { systemRandom } from "../adapter/system/random.ts";
import { missedAfterMs } from "../agent/callback.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Component, ComponentWatch } from "../webhook/component-engine.ts";
import type { WebhookControl } from "../webhook/control-ports.ts";
import { Delivery } from "../webhook/delivery-engine.ts";
import { secretsOf, webhookControlOf } from "./webhook-control.ts";

export interface OutsideParts {
  readonly config: Pick<Config, "webhooks" | "webhookDelivery" | "secret" | "node">;
  readonly stores: Pick<Stores, "outbox" | "webhooks">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Other people's systems that are asked and told. */
export interface Outside {
  /** The webhooks of the configuration, which scripts ask. */
  readonly questions: HttpWebhooks;
  readonly control: WebhookControl;
  /** Goes on telling of parts that go away. */
  watch(components: () => Promise<readonly Component[]>): void;
  /** Tells nothing more; what is under way gets its time. */
  close(): Promise<void>;
}

/** @throws Fault `webhook-invalid` */
export function openOutside({ config, stores, clock, log }: OutsideParts): Outside {
  const guard = new NetworkGuard(config.webhookDelivery.privateNetworks);
  const questions = new HttpWebhooks(config.webhooks, clock, log, guard);
  const sender = new HttpSender(guard, clock);
  const delivery = new Delivery({
    ...{ outbox: stores.outbox, sender, options: config.webhookDelivery, clock, random: systemRandom, log },
    secretsOf: (name, sealed) => secretsOf(config, name, sealed),
  });
  let watch: ComponentWatch | undefined;
  return {
    questions,
    control: webhookControlOf({ config, store: stores.webhooks, sender, guard, clock }),
    watch(components) {
      watch ??= new ComponentWatch({ outbox: stores.outbox, components, node: config.node.name, missedAfterMs, clock, log });
    },
    async close() {
      await Promise.all([watch?.close(), delivery.close()]);
      sender.close();
      questions.close();
    },
  };
}
