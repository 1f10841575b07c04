/** A trunk as it stands on this node. */
export interface TrunkView {
  readonly name: string;
  readonly host: string;
  readonly port: number;
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

/** What reading the configuration anew has come to, one line for each difference. */
export interface ReloadReport {
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
}

/** The ways out to the telephone network, for people who look after them. */
export interface TrunkControl {
  all(): readonly TrunkView[];
  /** Reads the configuration anew and takes over what may change. @throws Fault `config-invalid` and others: nothing has changed then */
  reload(): ReloadReport;
}
