/** Where a real daemon is that a suite may run against. */
export interface RealAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/**
 * The address in a variable, as host:port:secret; undefined when it is not set.
 * @throws when it is set and has another form: a suite that skipped then would pass for one that ran
 */
export function realAddress(name: string, environment: Readonly<Record<string, string | undefined>>): RealAddress | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  const [, host, port, secret] = /^([^:]+):(\d{1,5}):(.+)$/.exec(text) ?? [];
  if (host === undefined || secret === undefined) throw new Error(`${name} is not host:port:secret`);
  return { host, port: Number(port), secret };
}

/** Why the suites of Media skip a real FreeSWITCH. */
export const noRealMedia = "CARILLON_TEST_FREESWITCH=host:port:password and CARILLON_TEST_DRACHTIO=host:port:secret are not both set";
