export { GoldenError, type GoldenErrorInit, isGoldenError } from './golden-error.ts'
export { InvalidOptionError } from './invalid-option-error.ts'
export { type NumberBounds, requireInteger, requireOneOf, requireText } from './option-rules.ts'
export { type SerializedCause, type SerializedError, serializeError } from './serialized-error.ts'
