/** A prompt that is ready to play: a file the media server can open. */
export interface PromptFile {
  /** Absolute path, as the media server sees it. */
  readonly path: string;
  readonly durationMs: number;
}

/** How a piece of the conversation ended. `hung-up`: the person left. `lost`: our media broke. */
export type Broken = "hung-up" | "lost";

export interface CollectRequest {
  readonly prompts: readonly PromptFile[];
  readonly minDigits: number;
  /** Collecting stops at this many digits. */
  readonly maxDigits: number;
  /** Silence allowed after the prompt before the first digit. */
  readonly firstDigitMs: number;
  /** Silence allowed between digits. */
  readonly interDigitMs: number;
  /** Keys that end the input and are not part of it; may be empty. */
  readonly terminators: string;
  /** Whether a key cuts the prompt short. */
  readonly bargeIn: boolean;
  /** The keys are somebody's secret: nothing keeps them longer than it takes to answer. */
  readonly secret?: boolean;
}

export type Collected =
  | { readonly end: "digits"; readonly digits: string }
  | { readonly end: "timeout"; readonly digits: string }
  | { readonly end: Broken };

export interface TransferRequest {
  /** E.164; tried in turn until one is answered. */
  readonly to: readonly string[];
  /** For all of them together. */
  readonly ringTimeoutMs: number;
  /** What the person hears meanwhile, repeated; silence never. */
  readonly holdPrompts: readonly PromptFile[];
  /** What only the one who answers hears, before the two are connected; may be empty. */
  readonly whisperPrompts: readonly PromptFile[];
  readonly maxTalkMs?: number;
  /** Aborted before the two are connected, it takes back whatever rings; afterwards nothing comes of it. */
  readonly withdraw: AbortSignal;
}

/** `talked`: it was answered and one of the two ended it. `withdrawn`: it was taken back before anybody was connected. */
export type TransferEnd = "talked" | "busy" | "no-answer" | "failed" | "withdrawn" | Broken;

/** Somebody asks for an agent of a group of ours. */
export interface QueueRequest {
  /** Name of a group of agents; `campaign`: any of the groups that work for the campaign. */
  readonly group: string;
  /** All of these the agent must have. */
  readonly skills: readonly string[];
  /** 1 (first) to 10. */
  readonly priority: number;
  readonly maxWaitMs: number;
  /** What the person hears meanwhile, repeated. Empty only where nobody waits longer than a moment. */
  readonly holdPrompts: readonly PromptFile[];
  /** How far they have come, said at the beginning and then every `positionEveryMs`; undefined where it cannot be said. */
  readonly positionPrompts?: (position: number) => readonly PromptFile[] | undefined;
  readonly positionEveryMs?: number;
  /** What only the agent hears before the two are connected; may be empty. */
  readonly whisperPrompts: readonly PromptFile[];
  /** What the person has answered so far, by the name of the question; the agent sees it. Never secrets. */
  readonly answers: Readonly<Record<string, string>>;
  /** Aborted before the two are connected, nothing comes of it. */
  readonly withdraw: AbortSignal;
}

/**
 * `talked`: an agent was there, and the conversation is over. `no-agent`: nobody had time before the wait was over. `nobody`: no agent of the group is
 * logged in, or there is no such group. `withdrawn`: it was taken back before anybody was connected.
 */
export type QueueEnd = "talked" | "no-agent" | "nobody" | "withdrawn" | Broken;

export interface RecordRequest {
  readonly prompts: readonly PromptFile[];
  /** What the recording is called, unique to this visit of the step: letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  readonly maxMs: number;
  /** Silence that ends it. */
  readonly silenceMs: number;
  /** Keys that end it; may be empty. */
  readonly terminators: string;
  /** Whether a tone says when to speak. */
  readonly beep: boolean;
}

/** A recording that was kept: the file as the media server sees it. */
export interface Recorded {
  readonly recording: string;
  readonly durationMs: number;
}

/** `silent`: nothing was said, and nothing is kept. Who leaves while speaking has said what was recorded until then. */
export type RecordEnd = ({ readonly end: "recorded" } & Recorded) | { readonly end: "silent" } | { readonly end: Broken; readonly said?: Recorded };

/** Prompts that are heard again and again until they are stopped. */
export interface Holding {
  /** Resolves when nothing is heard any more; harmless when it is called again or nobody is there. */
  stop(): Promise<void>;
  /** Resolves when the person is gone; never when the holding is stopped before. */
  readonly left: Promise<Broken>;
}

/**
 * The person on the line, as a script session sees them. Voice implements it. No call rejects because the person left:
 * that is the value `hung-up`.
 */
export interface Caller {
  play(prompts: readonly PromptFile[]): Promise<"played" | Broken>;
  collect(request: CollectRequest): Promise<Collected>;
  transfer(request: TransferRequest): Promise<TransferEnd>;
  /** Never keeps somebody waiting in silence. */
  queue(request: QueueRequest): Promise<QueueEnd>;
  record(request: RecordRequest): Promise<RecordEnd>;
  /** @param prompts at least one */
  hold(prompts: readonly PromptFile[]): Holding;
  /**
   * From now on each of these keys ends what plays, is recorded or is heard before keys are taken, and is told; not those that are collected.
   * A later call takes the place of this one.
   */
  listen(keys: string, pressed: (key: string) => void): void;
  hangUp(): Promise<void>;
}

/** How a webhook answered: `answered` with any HTTP status and a body that was JSON; `failed` with anything else but a time-out. */
export type WebhookEnd =
  | { readonly end: "answered"; readonly status: number; readonly body: unknown }
  | { readonly end: "timeout" }
  /** `status`: it was answered, with a body that cannot be used. */
  | { readonly end: "failed"; readonly reason: string; readonly status?: number };

/** The webhooks of the configuration. A script names one; it never knows its URL. */
export interface Webhooks {
  readonly configured: readonly string[];
  /**
   * Sends the body as a JSON object, once: what a lost answer has done is not known. Never rejects.
   * @param timeoutMs for the whole answer
   */
  call(name: string, body: Readonly<Record<string, string>>, timeoutMs: number): Promise<WebhookEnd>;
}

/** Something to be heard, as a script asks for it: rendered text in a language (BCP 47), or a recording, uploaded or in the prompt folder. */
export type PromptRef = { readonly say: string; readonly language: string } | { readonly file: string };

/** Speech or a recording as the media server plays it best: 8 kHz, one channel. */
export interface Speech {
  /** Linear PCM at 8,000 samples a second. */
  readonly samples: Int16Array;
}

/** Makes speech of text. */
export interface PromptRenderer {
  /** What makes the sound differ for the same text: engine, version, voice, speed. Part of the name under which it is cached. */
  readonly identity: string;
  /** Language tags it can speak, as prefixes (`en` speaks en-US and en-GB); `*` is any. */
  readonly languages: readonly string[];
  /**
   * Never blocks the event loop; several may be under way.
   * @param language BCP 47, one of those it can speak
   * @param urgent somebody on the line waits for it: it goes before what is only made for later calls
   * @throws Fault `prompt-unspeakable` (nothing in the text can be spoken), `prompt-engine` (retryable: the engine failed or timed out)
   */
  render(text: string, language: string, urgent?: boolean): Promise<Speech>;
  close(): Promise<void>;
}

/** How far a batch of prompts has come. */
export interface PromptProgress {
  readonly done: number;
  readonly total: number;
  /** How many of those done had to be rendered; the others were there already. */
  readonly rendered: number;
}

/** Prompts by `promptKey`. */
export type PromptBook = ReadonlyMap<string, PromptFile>;

export interface EnsureOptions {
  readonly onProgress?: (progress: PromptProgress) => void;
  /** Somebody on the line waits for it: it goes before everything that is only rendered for later calls. */
  readonly urgent?: boolean;
}

/** Keeps prompts ready to play; what is asked for is rendered once, whoever asks. */
export interface PromptStore {
  /**
   * Makes sure that each of these can be played.
   * @throws Fault `prompt-missing` (no such recording), `prompt-unplayable` (silent, damaged or too long), and those of PromptRenderer
   */
  ensure(refs: Iterable<PromptRef>, options?: EnsureOptions): Promise<PromptBook>;
}

/** The name of a prompt in a PromptBook. */
export function promptKey(ref: PromptRef): string {
  return "say" in ref ? `say:${ref.language}:${ref.say}` : `file:${ref.file}`;
}
