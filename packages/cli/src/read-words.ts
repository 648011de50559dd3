import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { CliError } from './cli-error.ts'

/**
 * Reads the words behind a command's name by its options.
 * @throws CliError `USAGE` on what they do not know.
 */
export function readWords<const Options extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    // Node goes on with how a word that begins with a hyphen could be given, which no command takes.
    const message = error instanceof Error ? error.message : String(error)
    throw CliError.usage(message.replace(/\. To specify .*/s, ''))
  }
}

/**
 * The subcommand that the words begin with, and those behind it.
 * @throws CliError `USAGE` where it is none of `names`.
 */
export function readSubcommand<const Name extends string>(
  command: string,
  words: readonly string[],
  names: readonly Name[],
): { readonly subcommand: Name; readonly rest: readonly string[] } {
  const [first, ...rest] = words
  const subcommand = names.find((name) => name === first)
  if (subcommand === undefined) {
    const received = first === undefined ? '' : `, received ${first}`
    throw CliError.usage(`${command} must be followed by ${names.join(', ')}${received}`)
  }
  return { subcommand, rest }
}

/**
 * The integer that an option gives, or undefined without one.
 * @throws CliError `USAGE` on any other text.
 */
export function readInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,10}$/.test(text)) throw CliError.usage(`${option} must be a number, received ${text}`)
  return Number(text)
}

/**
 * Nothing, where no words are left over.
 * @throws CliError `USAGE` naming the first one.
 */
export function refuseWords(words: readonly string[]): void {
  if (words[0] !== undefined) throw CliError.usage(`unexpected word: ${words[0]}`)
}
