import type { EventEmitter } from "node:events";
import type { SipNote } from "../../attempt/ladder.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { SeenServer } from "../../voice/fleet-ports.ts";
import type { Accepted, InboundSignalling, IncomingCall } from "../../voice/inbound-ports.ts";
import type { Dialog, Invitation, InviteRequest, InviteWatcher, LegName, Signalling } from "../../voice/ports.ts";
import type { RegisterSource, Registration, RegistrationAnswer } from "../../voice/registrar-ports.ts";
import type { TrunkAnswer, TrunkQuestion, TrunkRequests } from "../../voice/trunk-ports.ts";
import { type Connected, DrachtioMember, type DrachtioOptions } from "./member.ts";
import { takeRegisters } from "./registers.ts";
import type { SipDialog } from "./srf.ts";

/** Who clears up waits no longer for a server that cannot be reached; its legs are ended when it can. */
const reachMs = 5000;
/** Parts the name of a server from the id it gave. Neither has one in it. */
const separator = "/";

type Ended = "ended" | "gone";

interface DialogMaker {
  createUAC(uri: string, options: object): Promise<SipDialog>;
}

/**
 * `Signalling` over one or more drachtio-servers. A leg stays with the server that carries its dialog, and of several servers each id bears the name of
 * its own: so whoever stored it knows where to end the leg.
 */
export class DrachtioFleet implements Signalling, TrunkRequests, InboundSignalling, RegisterSource {
  readonly #members: readonly DrachtioMember[];
  readonly #clock: Clock;
  readonly #log: Log;
  #turn = 0;

  constructor(servers: readonly DrachtioOptions[], clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#members = servers.map((options, at) => {
      const name = options.name ?? `drachtio-${at + 1}`;
      const other = () => this.#members.find((one) => one.name !== name && one.state === "up");
      return new DrachtioMember(options, name, clock, log.child({ signallingServer: name }), other);
    });
  }

  get ready(): boolean {
    return this.#members.some(({ takesCalls }) => takesCalls);
  }

  /** Legs and INVITEs not yet over, for the leak check. */
  get open(): number {
    return this.#members.reduce((sum, { connected }) => sum + (connected?.signalling.open ?? 0), 0);
  }

  get servers(): readonly (Omit<SeenServer, "server"> & { readonly name: string; readonly draining: boolean })[] {
    return this.#members.map(({ name, state, draining, connected }) => ({
      name,
      state,
      draining,
      sessions: connected?.signalling.open ?? 0,
      maxSessions: undefined,
    }));
  }

  /** @throws the Fault of the first server when none can be reached, or one will not mend by itself */
  async connect(): Promise<void> {
    const tries = await Promise.allSettled(this.#members.map((member) => member.connect()));
    const faults = tries.map((one) => (one.status === "rejected" ? toFault(one.reason, "drachtio-unreachable") : undefined));
    const known = faults.filter((fault) => fault !== undefined);
    const hopeless = known.find(({ retryable }) => !retryable) ?? (known.length === tries.length ? known[0] : undefined);
    if (hopeless) throw hopeless;
    for (const [at, fault] of faults.entries()) {
      if (!fault) continue;
      this.#log.error({ code: fault.code }, `${fault.message} Going on without it and trying again.`);
      this.#members[at]?.keepTrying();
    }
  }

  /** Takes a server out of service for new calls, or back into it. An unknown name does nothing. */
  drain(name: string, draining: boolean): void {
    for (const member of this.#members) if (member.name === name) member.draining = draining;
  }

  /** For the legs to the media servers. Each is made over a server that takes calls, and says over which. */
  get srf(): EventEmitter {
    const [first] = this.#members.flatMap(({ connected }) => connected ?? []);
    if (!first) throw new Fault("drachtio-unreachable", "no drachtio-server is connected", { retryable: true });
    if (this.#members.length === 1) return first.connection.srf;
    const createUAC = async (uri: string, options: object) => {
      const member = this.#next();
      const srf = member?.connected?.connection.srf as unknown as DialogMaker | undefined;
      if (!srf) throw new Fault("drachtio-unreachable", "no drachtio-server takes calls", { retryable: true });
      return Object.assign(await srf.createUAC(uri, options), { via: member });
    };
    return Object.create(first.connection.srf, { createUAC: { value: createUAC } });
  }

  nameLeg(via?: string): LegName {
    const wanted = this.#members.find(({ name, connected }) => name === via && connected);
    const member = wanted ?? this.#next() ?? this.#members.find(({ connected }) => connected);
    if (!member?.connected) throw new Fault("drachtio-unreachable", "no drachtio-server is connected", { retryable: true });
    const leg = member.connected.signalling.nameLeg();
    return { ...leg, dialogId: this.#marked(member, leg.dialogId) };
  }

  invite(request: InviteRequest, watcher: InviteWatcher): Invitation {
    const leg = request.leg ?? this.nameLeg();
    const [owner] = this.#ownersOf(leg.dialogId);
    if (!owner?.member.connected) throw new Fault("drachtio-unreachable", "the drachtio-server of this leg is not connected", { retryable: true });
    const { member, id } = owner;
    const mark = (own: string) => this.#marked(member, own);
    const invitation = owner.member.connected.signalling.invite(
      { ...request, leg: { ...leg, dialogId: id } },
      {
        provisional: (status, sdp) => watcher.provisional(status, sdp),
        ...(watcher.message && { message: (note) => watcher.message?.(note) }),
        resent: (transactionId) => watcher.resent?.(mark(transactionId)),
      },
    );
    return {
      sent: invitation.sent.then((ids) => ids && { ...ids, transactionId: mark(ids.transactionId), dialogId: mark(ids.dialogId) }),
      end: invitation.end.then((end) => (end.answered ? { ...end, dialog: this.#markedDialog(member, end.dialog) } : end)),
      cancel: () => invitation.cancel(),
    };
  }

  takeCalls(onCall: (call: IncomingCall, draining: boolean) => void): void {
    for (const member of this.#members) {
      const take = (call: IncomingCall) => onCall(this.#markedCall(member, call), member.draining);
      member.there.then(({ signalling }) => signalling.takeCalls(member.name, take));
    }
  }

  leaveCalls(): void {
    for (const { connected } of this.#members) connected?.signalling.leaveCalls();
  }

  takeRegisters(onRegister: (registration: Registration) => Promise<RegistrationAnswer>): void {
    for (const member of this.#members) {
      const via = this.#members.length === 1 ? undefined : member.name;
      member.there.then(({ connection: { srf } }) => takeRegisters(srf, via, this.#log, onRegister));
    }
  }

  endDialog(dialogId: string, message?: (note: SipNote) => void): Promise<Ended> {
    return this.#reach(dialogId, ({ signalling }, id) => signalling.endDialog(id, message));
  }

  cancelTransaction(transactionId: string, message?: (note: SipNote) => void): Promise<Ended> {
    return this.#reach(transactionId, ({ signalling }, id) => signalling.cancelTransaction(id, message));
  }

  async adopt(dialogId: string, unwanted?: AbortSignal): Promise<void> {
    const over = this.#ownersOf(dialogId).map(async ({ member, id }) => (await member.there).signalling.adopt(id, unwanted));
    const unwantedNow = Promise.withResolvers<void>();
    unwanted?.addEventListener("abort", () => unwantedNow.resolve(), { once: true });
    if (!unwanted?.aborted) await Promise.race([Promise.all(over), unwantedNow.promise]);
  }

  ask(question: TrunkQuestion): Promise<TrunkAnswer | undefined> {
    const asked = this.#members.find(({ state }) => state === "up") ?? this.#members.find(({ connected }) => connected);
    return asked?.connected?.requests.ask(question) ?? Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
  }

  /** Those that take calls, in turn. */
  #next(): DrachtioMember | undefined {
    const able = this.#members.filter(({ takesCalls }) => takesCalls);
    this.#turn += 1;
    return able[this.#turn % Math.max(1, able.length)];
  }

  #marked(member: DrachtioMember, id: string): string {
    return this.#members.length === 1 ? id : `${member.name}${separator}${id}`;
  }

  #markedCall(member: DrachtioMember, call: IncomingCall): IncomingCall {
    if (this.#members.length === 1) return call;
    const marked = (accepted: Accepted | undefined) => accepted && { ...accepted, dialog: this.#markedDialog(member, accepted.dialog) };
    // The library's call, but for its ids.
    return Object.create(call, {
      dialogId: { value: this.#marked(member, call.dialogId) },
      transactionId: { value: this.#marked(member, call.transactionId) },
      watch: { value: call.watch.bind(call) },
      ring: { value: call.ring.bind(call) },
      refuse: { value: call.refuse.bind(call) },
      answer: { value: async (...given: Parameters<IncomingCall["answer"]>) => marked(await call.answer(...given)) },
    });
  }

  #markedDialog(member: DrachtioMember, dialog: Dialog): Dialog {
    if (this.#members.length === 1) return dialog;
    const ended = dialog.ended.then((end) => (end.by === "lost" ? { ...end, server: member.name } : end));
    const { callId } = dialog;
    const [end, isThere] = [() => dialog.end(), () => dialog.isThere()];
    const [offer, answerOffers]: [Dialog["offer"], Dialog["answerOffers"]] = [(sdp) => dialog.offer(sdp), (answer) => dialog.answerOffers(answer)];
    return { id: this.#marked(member, dialog.id), callId, ended, end, offer, answerOffers, isThere };
  }

  /** Whose an id is, and what it is there. One from before there were several may be anybody's; one of a server that is not ours any more nobody's. */
  #ownersOf(id: string): readonly { readonly member: DrachtioMember; readonly id: string }[] {
    const at = id.indexOf(separator);
    const own = id.slice(at + 1);
    return this.#members.filter(({ name }) => at < 0 || name === id.slice(0, at)).map((member) => ({ member, id: own }));
  }

  async #reach(id: string, end: (server: Connected, id: string) => Promise<Ended>): Promise<Ended> {
    const ends = await Promise.all(
      this.#ownersOf(id).map((owner) => this.#inTime(owner.member, async () => end(await owner.member.there, owner.id))),
    );
    return ends.includes("ended") ? "ended" : "gone";
  }

  /** The only server is waited for; of several one that is away holds up nobody else's legs. */
  #inTime(member: DrachtioMember, end: () => Promise<Ended>): Promise<Ended> {
    const ending = end();
    if (this.#members.length === 1) return ending;
    const late = Promise.withResolvers<Ended>();
    const timer = this.#clock.after(reachMs, () => {
      if (member.state !== "up") late.resolve("gone");
    });
    return Promise.race([ending, late.promise]).finally(() => timer.cancel());
  }
}
