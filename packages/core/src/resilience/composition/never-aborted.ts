/**
 * The signal of calls that take none and that nothing may end. One for all, so that it is known wherever it comes by:
 * nobody need listen to it.
 */
export const NEVER_ABORTED: AbortSignal = new AbortController().signal
