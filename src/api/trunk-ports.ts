/** A trunk as it stands on this node. */
export interface TrunkView {
  readonly name: string;
  /** Whether the configuration has it, or it was added over the API. */
  readonly origin: "file" | "api";
  readonly host: string;
  /** Undefined where the DNS says it. */
  readonly port: number | undefined;
  readonly transport: "udp" | "tcp" | "tls";
  /** Routes that it is in. */
  readonly routes: readonly string[];
  /** Whether calls may be placed on it. */
  readonly up: boolean;
  /** Why it is down, for people. */
  readonly note: string | undefined;
  /** Until when its carrier knows us (epoch ms); undefined where no registration is wanted or none is there. */
  readonly registeredUntil: number | undefined;
  /** Lines in use. */
  readonly lines: number;
  readonly maxChannels: number;
  readonly maxCps: number;
  /** INVITEs by final SIP status; 0 where the far side said nothing. */
  readonly invites: ReadonlyMap<number, number>;
}

/** The same with all settings but its name and password. */
export interface TrunkDetail extends TrunkView {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hasPassword: boolean;
}

/** What reading the configuration anew has come to, one line for each difference. */
export interface ReloadReport {
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
}

/** Names of trunks whose password is sealed with the present key now, and of those whose password no key opens. */
export interface ResealReport {
  readonly resealed: readonly string[];
  readonly unreadable: readonly string[];
}

/** The ways out to the telephone network, for people who look after them. */
export interface TrunkControl {
  all(): readonly TrunkView[];
  /** As all nodes have it by now. Rejects with Fault `trunk-unknown` */
  find(name: string): Promise<TrunkDetail>;
  /** @param settings as the configuration would have them. Rejects with Fault `trunk-invalid`, `trunk-exists`, `trunk-in-file`, `secret-key-missing` */
  add(settings: unknown): Promise<TrunkDetail>;
  /** @param patch a JSON Merge Patch (RFC 7396). Rejects as `add` does, and with Fault `trunk-unknown`, `trunk-changed` */
  change(name: string, patch: unknown): Promise<TrunkDetail>;
  /** @param force also while it is used. Rejects with Fault `trunk-unknown`, `trunk-in-file`, `trunk-in-use` */
  remove(name: string, force: boolean): Promise<void>;
  /** Rejects with Fault `secret-key-missing` */
  reseal(): Promise<ResealReport>;
  /** Reads the configuration anew and takes over what may change. Rejects with Fault `config-invalid` and others: nothing has changed then */
  reload(): Promise<ReloadReport>;
}
