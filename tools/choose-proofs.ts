/** Which proofs to run, and with what. */
export interface ChosenProofs {
  readonly names: readonly string[]
  /** Handed to the one proof that is run. */
  readonly given: readonly string[]
}

/**
 * What the words of a call ask for: parts of names, each of which names a proof at least, all of them where none is given;
 * behind `--` the arguments of one proof.
 * @throws RangeError where a word names none, or arguments are given to several.
 */
export function chooseProofs(all: readonly string[], words: readonly string[]): ChosenProofs {
  const end = words.indexOf('--')
  const parts = end === -1 ? words : words.slice(0, end)
  const given = end === -1 ? [] : words.slice(end + 1)
  const unknown = parts.filter((part) => !all.some((name) => name.includes(part)))
  if (unknown.length > 0) {
    const hint = unknown.some((part) => part.startsWith('-')) ? ' (arguments of a proof stand behind --)' : ''
    throw new RangeError(
      `no proof is named like ${unknown.join(', ')}${hint}; there are:\n  ${all.join('\n  ')}`,
    )
  }
  const names = all.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
  if (given.length > 0 && names.length !== 1)
    throw new RangeError(`${given.join(' ')} would be given to ${names.length} proofs: name one`)
  return { names, given }
}
