import type { StandardSchema, StandardSchemaIssue } from '../standard-schema.ts'

/** What is wrong with an answer, in the words that the feedback and the conversions read. */
interface AnswerIssue extends StandardSchemaIssue {
  readonly path: ReadonlyArray<string | number>
  readonly code: string
  readonly expected?: string
  readonly values?: readonly string[]
}

/** What hears of issues, and knows where in the answer it is. */
interface AnswerCheck {
  readonly path: ReadonlyArray<string | number>
  readonly issues: AnswerIssue[]
}

/** Checks one value. What it gives counts only where it reported no issue. */
export type AnswerRule<Value> = (value: unknown, check: AnswerCheck) => Value | undefined

/** A text that PostgreSQL keeps, well-formed and without NUL, of 1 to `max` UTF-16 code units. */
export function textRule(max: number): AnswerRule<string> {
  return (value, check) => {
    if (typeof value !== 'string') return report(check, 'invalid_type', 'string')
    if (value.length === 0 || value.length > max)
      return report(check, 'invalid_length', `1 to ${max} characters`)
    if (!value.isWellFormed() || value.includes('\0')) {
      return report(check, 'invalid_text', 'well-formed text without NUL')
    }
    return value
  }
}

/** A number from 0 to 1. */
export function shareRule(): AnswerRule<number> {
  return (value, check) => {
    if (typeof value !== 'number') return report(check, 'invalid_type', 'number')
    return value >= 0 && value <= 1 ? value : report(check, 'out_of_range', 'a number from 0 to 1')
  }
}

/** One of several texts. */
export function choiceRule<const Choice extends string>(choices: readonly Choice[]): AnswerRule<Choice> {
  return (value, check) => {
    const found = choices.find((one) => one === value)
    if (found === undefined) check.issues.push({ ...issueAt(check, 'invalid_value'), values: choices })
    return found
  }
}

/** A list of `max` items at most. */
export function listRule<Item>(item: AnswerRule<Item>, max: number): AnswerRule<readonly Item[]> {
  return (value, check) => {
    if (!Array.isArray(value)) return report(check, 'invalid_type', 'array')
    if (value.length > max) return report(check, 'too_long', `${max} items at most`)
    // A place without its item is never given out: its rule has reported why.
    return value.map((one, index) => item(one, within(check, index)) as Item)
  }
}

/** An object with a rule for each key. Other keys are left out: a model's remarks are no part of the answer. */
export function recordRule<Value extends object>(
  rules: {
    readonly [Key in keyof Value]: AnswerRule<Value[Key]>
  },
): AnswerRule<Value> {
  const entries = Object.entries<AnswerRule<unknown>>(rules)
  return (value, check) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return report(check, 'invalid_type', 'object')
    }
    const members = entries.map(([key, rule]) => {
      const member = Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined
      return [key, rule(member, within(check, key))]
    })
    // Each key of the rules has been read by its rule; where one reported, the whole is not given out.
    return Object.fromEntries(members) as Value
  }
}

/** The Standard Schema of a rule. */
export function schemaOf<Value>(rule: AnswerRule<Value>): StandardSchema<Value> {
  return {
    '~standard': {
      version: 1,
      vendor: 'golden-arch',
      validate: (value) => {
        const issues: AnswerIssue[] = []
        const checked = rule(value, { path: [], issues })
        return checked === undefined || issues.length > 0 ? { issues } : { value: checked }
      },
    },
  }
}

function within(check: AnswerCheck, place: string | number): AnswerCheck {
  return { path: [...check.path, place], issues: check.issues }
}

function report(check: AnswerCheck, code: string, expected: string): undefined {
  check.issues.push({ ...issueAt(check, code), expected })
}

function issueAt(check: AnswerCheck, code: string): AnswerIssue {
  return { path: check.path, code, message: code }
}
