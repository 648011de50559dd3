import { requireOneOf, requireText } from '../../errors/index.ts'

/**
 * Who stands behind a text. `trusted`: written by the developers or operators. `user`: said by the person the system works
 * for. `untrusted`: anything else: web pages, files, tools' results, other agents' and models' answers.
 */
export type TrustLevel = 'trusted' | 'user' | 'untrusted'

/** The levels from most to least trusted. */
const TRUST_LEVELS: readonly TrustLevel[] = Object.freeze(['trusted', 'user', 'untrusted'])

/** A text that carries how far it is trusted. Made by {@link tagText} only; never changes. */
export class TaggedText {
  readonly trust: TrustLevel
  readonly text: string
  /** Where it comes from, such as a tool's name or a file's; empty where nobody said. */
  readonly source: string
  /** Held privately: an object of the same shape is no tagged text. */
  readonly #isTagged = true

  /** For {@link tagText}. */
  constructor(trust: TrustLevel, text: string, source: string) {
    this.trust = trust
    this.text = text
    this.source = source
    Object.freeze(this)
  }

  /** Whether `value` was made by {@link tagText}. */
  static is(value: unknown): value is TaggedText {
    return typeof value === 'object' && value !== null && #isTagged in value && value.#isTagged
  }

  /** Says what it is and not what it holds, so that a tag is not lost where texts are put together by hand. */
  toString(): string {
    return `[${this.trust} text of ${this.text.length} characters]`
  }
}

/**
 * Says how far a text is trusted. `source` names where it comes from: 1 to 128 characters without control characters.
 * @throws InvalidOptionError `INVALID_OPTION` on an unknown level or a bad source.
 */
export function tagText(trust: TrustLevel, text: string, source?: string): TaggedText {
  const level = requireOneOf('trust', trust, TRUST_LEVELS)
  return new TaggedText(level, String(text), source === undefined ? '' : requireText('source', source, 128))
}

/** The least trusted of the levels; `trusted` for none. */
export function leastTrust(levels: readonly TrustLevel[]): TrustLevel {
  return [...TRUST_LEVELS].reverse().find((level) => levels.includes(level)) ?? 'trusted'
}
