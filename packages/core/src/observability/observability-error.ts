import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type ObservabilityErrorCode = 'METRIC_CONFLICT' | 'UNKNOWN_LABEL' | 'INVALID_MEASUREMENT'

/**
 * A metric is used against its definition: `METRIC_CONFLICT` (a name that stands for something else already),
 * `UNKNOWN_LABEL` (a label that the definition does not name), `INVALID_MEASUREMENT` (not a finite number, or a
 * counter that would shrink). A mistake in the calling code, never retryable.
 */
export class ObservabilityError extends GoldenError<ObservabilityErrorCode> {}
