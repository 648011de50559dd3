import { requireInteger, withDefaults } from '../../errors/index.ts'

/** Control characters, line and paragraph separators, marks that turn the direction of text, lone surrogates, the backslash. */
const UNSAFE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{061C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}\\]/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** How a text becomes a log line. */
export interface LogLineOptions {
  /** Longest text before escaping, in UTF-16 code units, 1 to 10000000; the rest is cut and counted. Default 10000. */
  readonly maxCharacters?: number | undefined
}

const DEFAULTS = Object.freeze({ maxCharacters: 10_000 })

/**
 * `text` as part of one log line: it can neither begin a new line, nor move a terminal's cursor, nor turn the order of
 * what stands beside it. What is escaped has the form of JSON strings (`\n`, `\u001b`), a backslash is doubled, so that
 * the text can be read back.
 * @throws InvalidOptionError `INVALID_OPTION` on a limit out of range.
 */
export function encodeLogLine(text: string, options: LogLineOptions = {}): string {
  const { maxCharacters } = withDefaults(options, DEFAULTS)
  const max = requireInteger('maxCharacters', maxCharacters, { min: 1, max: 10_000_000 })
  const line = text.slice(0, max).replace(UNSAFE, escapeCharacter)
  return text.length > max ? `${line}… (${text.length - max} more)` : line
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  return SHORT_ESCAPES[character] ?? `\\u${code.toString(16).padStart(4, '0')}`
}
