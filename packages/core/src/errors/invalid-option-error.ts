import { GoldenError } from './golden-error.ts'

/** An option given to a constructor or function breaks its rule. Code `INVALID_OPTION`. */
export class InvalidOptionError extends GoldenError<'INVALID_OPTION'> {
  constructor(option: string, rule: string, received: unknown) {
    super({
      code: 'INVALID_OPTION',
      message: `option ${option} must be ${rule}, received ${describeReceived(received)}`,
      details: { option, rule, received: describeReceived(received) },
    })
  }
}

const MAX_RECEIVED_LENGTH = 80

/** A short text for a value of any type: strings quoted and cut, objects by their kind. */
export function describeReceived(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value))
  if (typeof value === 'bigint') return cut(`${value}n`)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return cut(String(value))
}

function cut(text: string): string {
  return text.length > MAX_RECEIVED_LENGTH ? `${text.slice(0, MAX_RECEIVED_LENGTH)}…` : text
}
