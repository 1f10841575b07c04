import type { Log } from "../../kernel/log.ts";
import type { Registration, RegistrationAnswer } from "../../voice/registrar-ports.ts";
import type { SipIncoming, SipResponder, Srf } from "./srf.ts";

/** Gives REGISTERs that drachtio-server passes on to whoever answers them. @param via the name of this server; undefined when there is only one */
export function takeRegisters(
  srf: Srf,
  via: string | undefined,
  log: Log,
  onRegister: (registration: Registration) => Promise<RegistrationAnswer>,
): void {
  srf.register((request, response) => {
    answer(request, response, via, onRegister).catch((error: unknown) =>
      log.warn({ err: error, source: request.source_address }, "a REGISTER could not be answered"),
    );
  });
}

async function answer(
  request: SipIncoming,
  response: SipResponder,
  via: string | undefined,
  onRegister: (registration: Registration) => Promise<RegistrationAnswer>,
): Promise<void> {
  const registration = read(request, via);
  const { status, phrase, headers = {} } = registration ? await onRegister(registration) : { status: 400 };
  response.send(status, phrase, { headers });
}

/** Undefined when it lacks what every request has (RFC 3261 §8.1.1), or drachtio-server does not say where it came from. */
function read(request: SipIncoming, via: string | undefined): Registration | undefined {
  const { source_address: address, source_port: port, protocol: transport = "udp" } = request;
  const [callId, to = ""] = [request.get("Call-ID"), request.get("To")];
  const cseq = /^\s*(\d{1,10})\s+REGISTER\s*$/.exec(request.get("CSeq") ?? "")?.[1];
  if (!callId || callId.length > 500 || cseq === undefined || !address || port === undefined) return undefined;
  const user = /sips?:([^@;>\s]{1,128})@/i.exec(to)?.[1];
  return {
    callId,
    cseq: Number(cseq),
    user,
    contacts: request.get("Contact"),
    expires: request.get("Expires"),
    authorization: request.get("Authorization"),
    requires: request.get("Require"),
    userAgent: request.get("User-Agent"),
    source: { address, port: Number(port), transport },
    via,
  };
}
