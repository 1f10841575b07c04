/** An API key as it is kept: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key text, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}
