import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type PowerErrorCode = 'POWER_GAME_TOO_LARGE'

/** Power cannot be computed exactly within the bound of work. Never retryable: round the weights, or ask for fewer voters. */
export class PowerError extends GoldenError<PowerErrorCode> {}
