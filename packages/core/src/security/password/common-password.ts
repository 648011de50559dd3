import { COMMON_WORDS } from './common-words.ts'

/** What fingers run along: rows, columns and zigzags of keyboards, the alphabet, the digits. Backwards too. */
const TRACKS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik',
  'zaq1xsw2cde3vfr4bgt5nhy6',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'qazwsxedcrfvtgbyhnujm',
  'qawsedrftgyhujikolp',
  'asdfqwer',
  '147258369',
  '159753',
].flatMap((track) => [track, [...track].reverse().join('')])

const LETTER_OF: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '€': 'e',
}
const MIN_RUN = 3
const MAX_AFFIX = 6
/** No two words that anybody has on a list are longer. */
const MAX_CORE = 64
const MIN_DIGITS = 12

/**
 * Whether a password is among those that are tried first: a common word or two, with other letter case, digits for
 * letters, and up to six digits and marks around it; runs along the keyboard; something short repeated; fewer than twelve
 * digits. `words` are further words that count as common, in lower case.
 */
export function isCommonPassword(password: string, words: ReadonlySet<string> = new Set()): boolean {
  const text = password.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, '')
  if (/^\d*$/.test(text) && text.length < MIN_DIGITS) return true
  const isWord = (word: string): boolean => COMMON_WORDS.has(word) || words.has(word)
  return isRepeated(text, isWord) || isRunsOnly(text) || hasCommonCore(text, isWord)
}

/** Whether the text is one unit again and again, which is short or common. */
function isRepeated(text: string, isWord: (word: string) => boolean): boolean {
  for (let length = 1; length <= text.length / 2; length++) {
    const unit = text.slice(0, length)
    if (text.length % length !== 0 || unit.repeat(text.length / length) !== text) continue
    return length <= 4 || isWord(unit) || isRunsOnly(unit) || hasCommonCore(unit, isWord)
  }
  return false
}

/** Whether the text is nothing but runs of three or more along the tracks, or of one character. */
function isRunsOnly(text: string): boolean {
  let start = 0
  while (start < text.length) {
    const length = longestRun(text.slice(start))
    if (length < MIN_RUN) return false
    start += length
  }
  return text.length > 0
}

function longestRun(text: string): number {
  const [first = ''] = text
  let longest = 1
  while (text[longest] === first) longest++
  for (const track of TRACKS) {
    for (let at = track.indexOf(first); at >= 0; at = track.indexOf(first, at + 1)) {
      let length = 1
      while (length < text.length && text[length] === track[at + length]) length++
      longest = Math.max(longest, length)
    }
  }
  return longest
}

/** Whether a common word, or two of them, is all there is beside a few digits and marks around it. */
function hasCommonCore(text: string, isWord: (word: string) => boolean): boolean {
  if (text.length > MAX_CORE + MAX_AFFIX) return false
  const bare = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  for (const core of new Set([bare, ...leetCores(text, 'i'), ...leetCores(text, 'l')])) {
    if (text.length - core.length > MAX_AFFIX || core.length < 3) continue
    if (isWord(core)) return true
    for (let at = 3; at <= core.length - 3; at++)
      if (isWord(core.slice(0, at)) && isWord(core.slice(at))) return true
  }
  return false
}

/** Digits and marks at the ends may be letters of the word, such as in `pa$$w0rd` and `4pple5`, or stand around it. */
function leetCores(text: string, one: 'i' | 'l'): readonly string[] {
  const letters = withLetters(text, one)
  const cores: string[] = []
  const [before, after] = [/^[^\p{L}]*/u, /[^\p{L}]*$/u].map((ends) => ends.exec(text)?.[0].length ?? 0)
  for (let head = 0; head <= Math.min(before ?? 0, MAX_AFFIX); head++) {
    for (let tail = 0; tail <= Math.min(after ?? 0, MAX_AFFIX - head); tail++)
      cores.push(letters.slice(head, text.length - tail))
  }
  return cores.filter((core) => /^\p{L}+$/u.test(core))
}

function withLetters(text: string, one: 'i' | 'l'): string {
  return [...text].map((mark) => (mark === '1' ? one : (LETTER_OF[mark] ?? mark))).join('')
}
