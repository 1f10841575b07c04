import { pointerTo } from "../kernel/pointer.ts";
import { snake } from "../strategy/read-pass.ts";
import type { StrategyFault } from "../strategy/read-values.ts";
import type { Strategy } from "../strategy/strategy.ts";
import { refusal } from "../voice/amd/campaign.ts";
import { pacingRefused } from "../voice/pacing/campaign.ts";

/** A setting of a pass as its document has it: `ring` for `ringTimeoutMs`, `caller_id` for `callerId`. */
export function passPointer(pass: string, field: string): string {
  return pointerTo(pointerTo("/passes", pass), field === "ringTimeoutMs" ? "ring" : snake(field));
}

/** What voice says against the passes of a strategy: options of their modes, and of answering-machine detection. */
export function ruleFaults({ passes }: Strategy): readonly StrategyFault[] {
  return passes.flatMap((pass): StrategyFault[] => {
    if (!("mode" in pass)) return [];
    const unpaced = pacingRefused(pass.mode, pass.pacing ?? {});
    const undetected = pass.amd && refusal(pass.amd, pass.mode);
    return [
      ...(unpaced === undefined
        ? []
        : [
            {
              pointer: passPointer(pass.name, "pacing"),
              message: `This pass cannot be paced like this: ${snake(unpaced)}.`,
            },
          ]),
      ...(undetected === undefined ? [] : [{ pointer: passPointer(pass.name, "amd"), message: `Answering-machine detection: ${undetected}.` }]),
    ];
  });
}
