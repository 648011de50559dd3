import { requireOneOf, withDefaults } from '../../errors/index.ts'
import { PromptError } from './prompt-error.ts'
import { instructionFor, newNonce, requireNonce, type SpotlightMode, spotlight } from './spotlight.ts'
import { leastTrust, TaggedText, type TrustLevel } from './tagged-text.ts'

/** How {@link joinPrompt} works. */
export interface JoinPromptOptions {
  /** How untrusted parts are set apart. Default `delimit`. */
  readonly mode?: SpotlightMode | undefined
  /** 8 to 64 letters and digits that no untrusted part can know. Default 24 random ones, new each time. */
  readonly nonce?: string | undefined
  /** What stands between the parts. Default a blank line. */
  readonly separator?: string | undefined
}

const DEFAULTS = Object.freeze({ mode: 'delimit', nonce: undefined, separator: '\n\n' } as const)

/** Where a part stands in the joined prompt, its marks included. */
export interface PromptSection {
  readonly trust: TrustLevel
  readonly source: string
  /** First UTF-16 code unit. */
  readonly start: number
  /** One past the last. */
  readonly end: number
}

/** A prompt of which each part is known to be trusted so far and no further. */
export interface JoinedPrompt {
  readonly text: string
  /** The least trust of its parts: what an answer to it may be trusted at most. */
  readonly trust: TrustLevel
  readonly sections: readonly PromptSection[]
  readonly nonce: string
}

/**
 * Joins tagged texts into one prompt. Trusted and user parts stand as they are; untrusted ones are set apart with
 * {@link spotlight} under one nonce, named by their source where it is of `A-Z a-z 0-9 _ . : / -`. Where there are any,
 * the instruction about the marks comes first.
 * @throws PromptError `UNTAGGED_TEXT` on a part that {@link TaggedText} did not tag, a plain string above all;
 * `NONCE_IN_TEXT` where an untrusted or user part holds the nonce. InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function joinPrompt(parts: readonly TaggedText[], options: JoinPromptOptions = {}): JoinedPrompt {
  const { separator, ...given } = withDefaults(options, DEFAULTS)
  const mode = requireOneOf('mode', given.mode, ['delimit', 'datamark', 'base64'])
  const nonce = given.nonce === undefined ? newNonce() : requireNonce(given.nonce)
  parts.forEach((part, index) => {
    if (TaggedText.is(part)) return
    throw new PromptError({
      code: 'UNTAGGED_TEXT',
      message: `part ${index} of the prompt does not say how far it is trusted: tag it with tagText`,
      details: { index },
    })
  })
  const levels = parts.map(({ trust }) => trust)
  const preamble = levels.includes('untrusted') ? [instructionFor(mode, nonce)] : []
  let text = preamble.join('')
  const sections: PromptSection[] = []
  for (const part of parts) {
    const start = text === '' ? 0 : text.length + separator.length
    text += `${text === '' ? '' : separator}${renderPart(part, mode, nonce)}`
    sections.push({ trust: part.trust, source: part.source, start, end: text.length })
  }
  return { text, trust: leastTrust(levels), sections, nonce }
}

function renderPart(part: TaggedText, mode: SpotlightMode, nonce: string): string {
  if (part.trust === 'untrusted') {
    const source = /^[\w.:/-]+$/.test(part.source) ? { source: part.source } : {}
    return spotlight(part.text, { mode, nonce, ...source }).text
  }
  if (part.trust === 'user' && part.text.toLowerCase().includes(nonce.toLowerCase())) {
    throw new PromptError({ code: 'NONCE_IN_TEXT', message: 'a part of the user holds the nonce' })
  }
  return part.text
}
