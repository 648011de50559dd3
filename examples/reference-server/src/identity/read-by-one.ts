/** For a process alone with its database, which has read every change that there is: a slow answer makes none of them old. */
export const READ_BY_ONE = { timeoutMs: 60_000, staleAfterMs: 300_000 } as const
