import { InvalidOptionError } from './invalid-option-error.ts'

const MAX_TENANT_ID_LENGTH = 128

/** Bounds of a number option, both inclusive. */
export interface NumberBounds {
  /** The least value allowed. Default 0. */
  readonly min?: number | undefined
  /** The greatest value allowed. Default `Number.MAX_SAFE_INTEGER`. */
  readonly max?: number | undefined
}

/**
 * Returns `value` if it is an integer within `bounds`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireInteger(option: string, value: unknown, bounds: NumberBounds = {}): number {
  const min = bounds.min ?? 0
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(option, `an integer from ${min} to ${max}`, value)
  }
  return value
}

/**
 * Returns `value` if it is a finite number within `bounds`; fractions may be.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireNumber(option: string, value: unknown, bounds: NumberBounds = {}): number {
  const min = bounds.min ?? 0
  const max = bounds.max ?? Number.MAX_VALUE
  if (typeof value !== 'number' || !(value >= min && value <= max) || !Number.isFinite(value)) {
    const rule = bounds.max === undefined ? `a finite number from ${min}` : `a number from ${min} to ${max}`
    throw new InvalidOptionError(option, rule, value)
  }
  return value
}

/**
 * Returns `value` if it is a string of 1 to `maxLength` characters without control characters. Half a surrogate pair is
 * refused too: written in UTF-8 it becomes U+FFFD, so that two different ids would be one.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireText(option: string, value: unknown, maxLength = 256): string {
  if (
    typeof value !== 'string' ||
    value.length === 0 ||
    value.length > maxLength ||
    hasControlCharacter(value)
  ) {
    throw new InvalidOptionError(
      option,
      `a string of 1 to ${maxLength} characters without control characters`,
      value,
    )
  }
  if (!value.isWellFormed()) throw new InvalidOptionError(option, 'well-formed Unicode text', value)
  return value
}

/**
 * Returns `value` if it is a tenant's id as all packages store it: 1 to 128 characters without control characters.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireTenantId(value: unknown, option = 'tenantId'): string {
  return requireText(option, value, MAX_TENANT_ID_LENGTH)
}

/**
 * Returns `value` if it is one of `allowed`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireOneOf<const T extends string>(
  option: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw new InvalidOptionError(option, `one of ${allowed.join(', ')}`, value)
  return found
}

/**
 * Returns `value` if it is `true` or `false`: the text 'false' would otherwise count as true.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option and the value.
 */
export function requireFlag(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, 'true or false', value)
  return value
}

/**
 * Returns `value` if it is a function.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option and the value.
 */
export function requireFunction<T>(option: string, value: T): T {
  if (typeof value !== 'function') throw new InvalidOptionError(option, 'a function', value)
  return value
}

/**
 * Returns `value` if it is an object, and no list.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option and the value.
 */
export function requireObject<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidOptionError(option, 'an object', value)
}

/**
 * Returns `value` if it is an object with the functions `methods`. Use it for what is handed to a class, a client or a
 * database above all: what is missing is told when the class is made, and not by each call.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the first function missing and the value.
 */
export function requireMethods<T extends object>(
  option: string,
  value: T,
  methods: readonly (keyof T & string)[],
): T {
  const holder = typeof value === 'object' && value !== null ? value : undefined
  const missing = methods.find((method) => typeof holder?.[method] !== 'function')
  if (missing === undefined) return value
  throw new InvalidOptionError(option, `an object with the function ${missing}`, value)
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}
