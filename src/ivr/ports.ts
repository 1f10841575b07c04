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
}

export type Collected =
  | { readonly end: "digits"; readonly digits: string }
  | { readonly end: "timeout"; readonly digits: string }
  | { readonly end: Broken };

export interface TransferRequest {
  /** E.164. */
  readonly to: string;
  readonly ringTimeoutMs: number;
  /** What the person hears meanwhile, repeated; silence never. */
  readonly holdPrompts: readonly PromptFile[];
  readonly maxTalkMs?: number;
}

/** `talked`: it was answered and one of the two ended it. */
export type TransferEnd = "talked" | "busy" | "no-answer" | "failed" | Broken;

/**
 * The person on the line, as a script session sees them. Voice implements it. No call rejects because the person left:
 * that is the value `hung-up`.
 */
export interface Caller {
  play(prompts: readonly PromptFile[]): Promise<"played" | Broken>;
  collect(request: CollectRequest): Promise<Collected>;
  transfer(request: TransferRequest): Promise<TransferEnd>;
  hangUp(): Promise<void>;
}

/** Something to be heard, as a script asks for it: rendered text, or a recording in the prompt folder. */
export type PromptRef = { readonly say: string } | { readonly file: string };

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
   * @throws Fault `prompt-unspeakable` (nothing in the text can be spoken), `prompt-engine` (retryable: the engine failed or timed out)
   */
  render(text: string): Promise<Speech>;
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

/** Keeps prompts ready to play; what is asked for is rendered once, whoever asks. */
export interface PromptStore {
  /**
   * Makes sure that each of these can be played, before anybody is called.
   * @throws Fault `prompt-missing` (no such recording), `prompt-unplayable` (silent, damaged or too long), and those of PromptRenderer
   */
  ensure(refs: Iterable<PromptRef>, onProgress?: (progress: PromptProgress) => void): Promise<PromptBook>;
}

/** The name of a prompt in a PromptBook. */
export function promptKey(ref: PromptRef): string {
  return "say" in ref ? `say:${ref.say}` : `file:${ref.file}`;
}
