/** How long something lasts: the share that lasts longer than `ageMs`, 1 at 0 and never rising. */
export type Survival = (ageMs: number) => number;
