export { isDecimalId, requireDecimalId } from './decimal-id.ts'
export { GoldenError, type GoldenErrorInit, isGoldenError } from './golden-error.ts'
export { describeReceived, InvalidOptionError } from './invalid-option-error.ts'
export {
  type NumberBounds,
  requireFlag,
  requireFunction,
  requireInteger,
  requireMethods,
  requireNumber,
  requireObject,
  requireOneOf,
  requireTenantId,
  requireText,
} from './option-rules.ts'
export { retryOf, type WorkRetry } from './retry-of.ts'
export { type SerializedCause, type SerializedError, serializeError } from './serialized-error.ts'
export { isUnsentFailure, noteUnsentFailure } from './unsent-failure.ts'
export { type Complete, type OptionDefaults, type WithDefaults, withDefaults } from './with-defaults.ts'
