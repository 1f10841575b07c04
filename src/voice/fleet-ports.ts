/** How a node sees one of its servers. */
export interface SeenServer {
  /** Kind and name, as in /readyz: freeswitch:fs-1. */
  readonly server: string;
  readonly state: "up" | "silent" | "down";
  /** This node's sessions or calls on it. */
  readonly sessions: number;
  readonly maxSessions: number | undefined;
}

/** The same as it was written down. */
export interface NotedServer extends SeenServer {
  readonly node: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A server that takes no new calls, by order. */
export interface Drain {
  readonly server: string;
  /** Epoch ms. */
  readonly since: number;
}

/** What all nodes of a database know of their servers. */
export interface ServerStore {
  drains(): Promise<readonly Drain[]>;
  /** A drain that is ordered again keeps its beginning. */
  order(server: string, draining: boolean, at: number): Promise<void>;
  /** Writes down how this node sees its servers now. */
  note(node: string, seen: readonly SeenServer[], at: number): Promise<void>;
  /** What was noted at `since` or later (epoch ms), by server and node. */
  noted(since: number): Promise<readonly NotedServer[]>;
}
