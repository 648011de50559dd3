import { InvalidOptionError, withDefaults } from '@golden-arch/core/errors'
import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'
import { foldedText, growsWhenPlain } from './folded-text.ts'
import { type ForbiddenFragment, fragmentPattern, holdsFragment } from './fragment-pattern.ts'

/** What a prompt must not hold, and what it must. At least one of both. */
export interface ForbiddenFragmentsOptions {
  /** At most 100. Looked for through disguise: see {@link forbiddenFragments}. Default none. */
  readonly forbidden?: readonly ForbiddenFragment[] | undefined
  /** Texts that must stand in the prompt, character by character, at most 100 of 1 to 10000 characters. Default none. */
  readonly required?: readonly string[] | undefined
}

const NAME = 'forbidden-fragments'
const MAX_FRAGMENTS = 100
const DEFAULTS = { forbidden: Object.freeze([]), required: Object.freeze([]) }
const GROWS = 'written in plain letters the text is more than twice as long'

/**
 * A gate against what a prompt must never say, and for what it must always say. Forbidden fragments are found whatever the
 * case, the width, the accents or the line breaks, through letters of other scripts that look Latin, and through characters
 * that show nothing put between others; not through other words with the same meaning, other spellings, or encodings such as
 * Base64. A text that is more than twice as long in plain letters is refused unread. Required fragments are taken to the letter, so that nothing that only looks like them does.
 * @throws InvalidOptionError `INVALID_OPTION` on a fragment out of its range, or on none.
 */
export function forbiddenFragments(options: ForbiddenFragmentsOptions): PromptGate {
  const { forbidden, required } = withDefaults(options, DEFAULTS)
  requireList('forbidden', forbidden)
  requireList('required', required)
  if (forbidden.length + required.length === 0) {
    throw new InvalidOptionError('forbidden', 'at least one forbidden or required fragment', forbidden)
  }
  const patterns = forbidden.map((one, index) => fragmentPattern(`forbidden[${index}]`, one))
  required.forEach((one, index) => {
    const isText = typeof one === 'string' && one.trim() !== '' && one.length <= 10_000 && one.isWellFormed()
    if (!isText) {
      throw new InvalidOptionError(`required[${index}]`, 'well-formed text of 1 to 10000 characters', one)
    }
  })
  return {
    name: NAME,
    check: async (_tx, { content }): Promise<readonly GateFinding[]> => {
      if (growsWhenPlain(content)) return [finding('disguised', GROWS)]
      const folded = patterns.length === 0 ? '' : foldedText(content)
      return [
        ...patterns
          .filter((pattern) => holdsFragment(folded, pattern))
          .map(({ label }) => finding('forbidden', `the text holds ${label}`)),
        ...required
          .filter((one) => !content.includes(one))
          .map((one) => finding('required', `the text lacks "${one}"`)),
      ]
    },
  }
}

function finding(rule: string, message: string): GateFinding {
  return { gate: NAME, rule, message: message.length > 300 ? `${message.slice(0, 299)}…` : message }
}

function requireList(option: string, list: readonly unknown[]): void {
  if (Array.isArray(list) && list.length <= MAX_FRAGMENTS) return
  throw new InvalidOptionError(option, `a list of at most ${MAX_FRAGMENTS} fragments`, list)
}
