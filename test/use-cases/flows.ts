/** The flows of the two use cases, by the numbers that docs/use-cases.md gives them: those of the use cases, and letters where they have none. */
export const flows = [
  ...["CE12-1", "CE12-2", "CE12-3", "CE12-3a", "CE12-3b", "CE12-3c", "CE12-3d"],
  ...["CE13-1.1", "CE13-1.2", "CE13-1.3", "CE13-1.4"],
  ...["CE13-2a", "CE13-2b", "CE13-2c", "CE13-2d", "CE13-2e", "CE13-2f", "CE13-2g", "CE13-2h", "CE13-2i", "CE13-2j", "CE13-2k"],
  ...["CE13-3a", "CE13-3b", "CE13-3c", "CE13-3d", "CE13-3e", "CE13-3f"],
  ...["CE13-4a", "CE13-4b", "CE13-4c", "CE13-4d", "CE13-4e", "CE13-4f", "CE13-4g", "CE13-4h", "CE13-4i"],
  ...["CE13-5a", "CE13-5b", "CE13-5c", "CE13-5d", "CE13-5e", "CE13-5f", "CE13-5g", "CE13-5h"],
  ...[
    "CE13-6.1",
    "CE13-6.2",
    "CE13-6.3",
    "CE13-6.4",
    "CE13-6.5",
    "CE13-6.6",
    "CE13-6.7",
    "CE13-6.8",
    "CE13-6.9",
    "CE13-6.10",
    "CE13-6.11",
    "CE13-6.12",
    "CE13-6.13",
    "CE13-6.14",
    "CE13-6.15",
  ],
  ...["CE13-UI.1", "CE13-UI.2", "CE13-RT", "CE13-RH"],
] as const;

/** Business and distribution logic. */
export const rules = ["BL1", "BL2", "BL3", "BL4", "DR1", "DR2"] as const;
