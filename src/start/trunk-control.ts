import type { TrunkControl } from "../api/trunk-ports.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../kernel/log.ts";
import type { TrunkWatch } from "../voice/trunk-watch-engine.ts";
import type { WaysOut } from "./trunks.ts";

export interface TrunkControlParts {
  readonly waysOut: WaysOut;
  readonly watch: TrunkWatch;
  /** @throws Fault `config-invalid` */
  readonly readConfig: () => Config;
  readonly onChanged: () => void;
  readonly log: Log;
}

/** Looks at the trunks, and changes them while calls are up. */
export function trunkControlOf({ waysOut, watch, readConfig, onChanged, log }: TrunkControlParts): TrunkControl {
  return {
    all: () =>
      waysOut.trunks.all.map(({ trunk, up, note, state, lines, ended }) => {
        const { name, host, port, transport, maxChannels, maxCps } = trunk;
        return {
          name,
          host,
          port,
          transport,
          routes: waysOut.routes.filter(({ trunks }) => trunks.some((member) => member.name === name)).map((route) => route.name),
          up,
          note,
          registeredUntil: trunk.register === true && state.registeredUntil > 0 ? state.registeredUntil : undefined,
          lines,
          maxChannels,
          maxCps,
          invites: ended,
        };
      }),
    reload: () => {
      const { changed, needsRestart, left } = waysOut.change(readConfig());
      watch.leave(left);
      log.info({ changed }, "configuration read anew");
      if (needsRestart.length > 0) log.warn({ needsRestart }, "this has changed too, and needs a restart");
      onChanged();
      return { changed, needsRestart };
    },
  };
}
