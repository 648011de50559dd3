/** Tells in the server's advisory that the terminated message is a dead letter already. */
export const TERM_REASON = 'handed over as a dead letter'
