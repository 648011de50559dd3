const DEFAULT = /\s*\bDefault:? (.+?)\.(?=\s|$)/s

/** What a docstring says of an option, apart from the sentence that tells its default. */
export interface OptionWords {
  readonly what: string
  readonly standard: string | undefined
}

/** Takes the sentence that begins with `Default` out of a docstring: "Milliseconds, 1 to 10. Default 5." Links become code. */
export function optionWords(docstring: string): OptionWords {
  const said = docstring
    .replace(/\{@link (\S+?)\s*\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
  return { what: said.replace(DEFAULT, '').trim(), standard: DEFAULT.exec(said)?.[1] }
}
