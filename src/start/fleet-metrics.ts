import { Gauge, type Registry } from "prom-client";
import type { Media, MediaServerView } from "../voice/ports.ts";

/** What /metrics shows of each media server. */
export function addFleetMetrics(registry: Registry, media: Pick<Media, "servers">): void {
  const gauge = (name: string, help: string, value: (server: MediaServerView) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ["server"],
      registers: [registry],
      collect() {
        this.reset();
        for (const server of media.servers) {
          const is = value(server);
          if (is !== undefined) this.set({ server: server.name }, is);
        }
      },
    });
  gauge("carillon_media_server_up", "Whether a FreeSWITCH is connected and answers in time: 1 or 0.", ({ state }) => (state === "up" ? 1 : 0));
  gauge("carillon_media_server_draining", "Whether a FreeSWITCH takes no new calls, by order: 1 or 0.", ({ draining }) => (draining ? 1 : 0));
  gauge("carillon_media_server_sessions", "This node's sessions on a FreeSWITCH.", ({ sessions }) => sessions);
  gauge("carillon_media_server_max_sessions", "How many of them there may be.", ({ maxSessions }) => maxSessions);
  gauge("carillon_media_server_idle_cpu_ratio", "Share of its CPU that was idle when it last told, 0 to 1.", ({ idleCpu }) => idleCpu);
}
