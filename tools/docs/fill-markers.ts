/** What a marked place of a page is to hold: the word and the arguments of its opening comment. */
export interface Marker {
  readonly word: string
  readonly args: readonly string[]
}

const OPENING = /^<!-- (options|metrics)((?: \S+)+) -->$/
const CLOSING = '<!-- end -->'

/**
 * The text with everything between `<!-- word args -->` and `<!-- end -->` replaced by what `write` gives.
 * @throws Error where a marker has no end.
 */
export function fillMarkers(text: string, write: (marker: Marker) => string): string {
  const lines = text.split('\n')
  const filled: string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    filled.push(line)
    const opening = OPENING.exec(line)
    if (opening === null) continue
    const end = lines.indexOf(CLOSING, index)
    if (end === -1) throw new Error(`${line} has no ${CLOSING}`)
    const [, word = '', args = ''] = opening
    filled.push('', write({ word, args: args.trim().split(' ') }), '', CLOSING)
    index = end
  }
  return filled.join('\n')
}
