/** `answer`: what a person said to a record step; `talk`: a conversation with an agent. */
export const recordingKinds = ["answer", "talk"] as const;

/** `going`: the file is to be removed; `gone`: it is, and the row says that there was one. */
export const recordingStates = ["kept", "going", "gone"] as const;
