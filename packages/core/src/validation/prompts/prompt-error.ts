import { GoldenError } from '../../errors/index.ts'

/** Codes of the errors of prompts. */
export type PromptErrorCode = 'UNTAGGED_TEXT' | 'NONCE_IN_TEXT'

/**
 * A prompt that must not be built as asked. `UNTAGGED_TEXT`: a part of which nobody said how far it is trusted.
 * `NONCE_IN_TEXT`: an untrusted text that holds the nonce meant to mark it. Never retryable with the same nonce.
 */
export class PromptError extends GoldenError<PromptErrorCode> {}
