import { InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import type { GateFinding, PromptCandidate, PromptGate } from '../ports/prompt-gate.ts'
import { textDifference } from './text-difference.ts'

/** How far one update may go. At least one of the bounds must be given; those that are not do not bind. */
export interface SizeOfChangeOptions {
  /**
   * Most of the characters of both texts that came or went, in thousandths, 1 to 999: 200 lets a fifth of the text change.
   * Counted by words, white space and punctuation; a word in which a letter changed counts whole.
   */
  readonly maxChangedShareMilli?: number | undefined
  /** Most characters that may come in, 0 to 1000000. */
  readonly maxAddedCharacters?: number | undefined
  /** Most characters that may go, 0 to 1000000. */
  readonly maxRemovedCharacters?: number | undefined
  /** Most characters of the whole text, 1 to 1000000. It binds a role's first prompt too. */
  readonly maxCharacters?: number | undefined
}

const NAME = 'size-of-change'
const ONE_MILLION = 1_000_000
const DEFAULTS = {
  maxChangedShareMilli: undefined,
  maxAddedCharacters: undefined,
  maxRemovedCharacters: undefined,
  maxCharacters: undefined,
}

/**
 * A gate against too large a step at once: a prompt that is learnt changes by little. Characters are those of Unicode. The
 * work is bounded: texts that differ in more than about 2000 words are refused as too different to be measured, whatever
 * the bounds, where a bound on the difference is given.
 * @throws InvalidOptionError `INVALID_OPTION` on a bound out of its range, or on none.
 */
export function sizeOfChange(options: SizeOfChangeOptions): PromptGate {
  const { maxChangedShareMilli, maxAddedCharacters, maxRemovedCharacters, maxCharacters } = withDefaults(
    options,
    DEFAULTS,
  )
  const bounds = [
    { value: maxChangedShareMilli, name: 'maxChangedShareMilli', min: 1, max: 999 },
    { value: maxAddedCharacters, name: 'maxAddedCharacters', min: 0, max: ONE_MILLION },
    { value: maxRemovedCharacters, name: 'maxRemovedCharacters', min: 0, max: ONE_MILLION },
    { value: maxCharacters, name: 'maxCharacters', min: 1, max: ONE_MILLION },
  ]
  for (const { name, value, min, max } of bounds) {
    if (value !== undefined) requireInteger(name, value, { min, max })
  }
  if (bounds.every(({ value }) => value === undefined)) {
    throw new InvalidOptionError('options', `at least one of ${bounds.map((one) => one.name).join(', ')}`, {})
  }
  return {
    name: NAME,
    check: async (_tx, candidate) => [...lengthFindings(candidate), ...stepFindings(candidate)],
  }

  function lengthFindings({ content }: PromptCandidate): readonly GateFinding[] {
    const length = [...content].length
    return over('text-too-long', 'characters in all', length, maxCharacters)
  }

  function stepFindings({ content, base }: PromptCandidate): readonly GateFinding[] {
    const bindsStep = [maxChangedShareMilli, maxAddedCharacters, maxRemovedCharacters].some(
      (bound) => bound !== undefined,
    )
    if (base === null || !bindsStep) return []
    const step = textDifference(base.content, content)
    if (step === undefined) {
      const message = `the text differs from version ${base.version} in too many words to be measured`
      return [{ gate: NAME, rule: 'change-too-large', message }]
    }
    return [
      ...over('share-too-large', 'thousandths changed', step.changedShareMilli, maxChangedShareMilli),
      ...over('too-much-added', 'characters added', step.addedCharacters, maxAddedCharacters),
      ...over('too-much-removed', 'characters removed', step.removedCharacters, maxRemovedCharacters),
    ]
  }
}

function over(rule: string, what: string, value: number, bound: number | undefined): readonly GateFinding[] {
  if (bound === undefined || value <= bound) return []
  return [{ gate: NAME, rule, message: `${value} ${what}, ${bound} allowed` }]
}
