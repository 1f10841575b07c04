import type { Effect } from "../../../attempt/ports.ts";
import { storable } from "./attempt-row.ts";

/** One row of the table of effects; times in epoch ms. */
export interface EffectRow {
  /** The same however often the effect is written: what is there already is not written again. */
  readonly key: string;
  readonly kind: Effect["kind"];
  readonly body: Readonly<Record<string, unknown>>;
  readonly dueAt: number;
  readonly expiresAt: number | undefined;
}

/** Longer than any template may become. */
const longestValue = 10_000;
const longestKey = 400;

/** @param at when it was said, epoch ms */
export function effectRow(effect: Effect, at: number): EffectRow {
  const reason = storable(effect.reason);
  switch (effect.kind) {
    case "suppress": {
      const { kind, channels, scope } = effect;
      const key = storable(`suppress ${scope} ${channels.join("+")} ${reason}`, longestKey);
      return { key, kind, body: { channels, scope, reason }, dueAt: at, expiresAt: undefined };
    }
    case "send": {
      const { kind, channel, values, withinS, agentId } = effect;
      const clean = Object.fromEntries(Object.entries(values).map(([name, value]) => [storable(name), storable(value, longestValue)]));
      const body = { channel, template: storable(effect.template), values: clean, reason, ...(agentId !== undefined && { agentId }) };
      return { key: storable(effect.key, longestKey), kind, body, dueAt: at, expiresAt: at + withinS * 1000 };
    }
    case "callback": {
      const dueAt = "atMs" in effect ? effect.atMs : at + effect.inS * 1000;
      return { key: storable(effect.key, longestKey), kind: effect.kind, body: { reason }, dueAt, expiresAt: undefined };
    }
  }
}
