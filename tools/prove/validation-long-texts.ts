/**
 * Proves that reading takes processor time linear in the length of the answer, up to ten million characters, whatever
 * the answer is: four times the length may cost at most eight times the time, and no answer a minute.
 * Usage: node --conditions=golden-arch-source tools/prove/validation-long-texts.ts [part of a shape's name]
 */
import { LlmValidator, type LlmValidatorOptions } from '@golden-arch/core/validation'
import { z } from 'zod'

/** Each four times as long as the one before. */
const LENGTHS = [156_250, 625_000, 2_500_000, 10_000_000]
const MOST_TIMES = 8
const MOST_MS = 60_000
/** Below this much time a ratio says little. */
const LEAST_MS = 40

/** Pieces that are repeated to fill an answer, with what stands before and behind. */
const SHAPES: Readonly<Record<string, readonly [before: string, piece: string, behind: string]>> = {
  'valid array': ['[', '{"id":1,"name":"x\\n"},', '0]'],
  'one long string': ['{"a":"', 'abc \\" é ', '"}'],
  'one long key': ['{"', 'key ', '":1}'],
  'one long number': ['[', '1234567890', ']'],
  'many keys': ['{', '"k":1,', '"l":2}'],
  'trailing commas': ['[', '{a: [1,],},', '0]'],
  'single quotes': ['[', "'it\\'s',", '0]'],
  comments: ['[', '/* one */ 1, // two\n', '0]'],
  'open comment': ['[1, /*', ' * / ', ''],
  'opened arrays': ['', '[', ''],
  'opened objects': ['', '{"a":', ''],
  'closed brackets': ['', ']', ''],
  'opened and closed': ['', '[]', ''],
  'open and text': ['', '[ a ', ''],
  'braces in prose': ['', 'Use {name} or [1]. ', '{"a":1}'],
  'quotes in prose': ['', 'it"s ', '{"a":1}'],
  'open strings': ['', '{"a ', ''],
  backslashes: ['{"a":"', '\\', '"}'],
  backticks: ['', '`', ''],
  'many fences': ['', '```json\n{"a":1}\n```\n', ''],
  'opened fences': ['', '```json\n', '{"a":1}'],
  'fences of tildes and ticks': ['', '~~~\n```\n', ''],
  'opened tags': ['', '<json>', '{"a":1}'],
  'pairs of tags': ['', '<answer>{"a":1}</answer>', ''],
  'opened reasoning': ['', '<think>', '{"a":1}'],
  'pairs of reasoning': ['', '<think>x</think>', '{"a":1}'],
  'closed reasoning': ['', '</think>', '{"a":1}'],
  'angle brackets': ['', '<', '{"a":1}'],
  blanks: ['', ' ', '{"a":1}'],
  newlines: ['{"a":1}', '\n', ''],
  'lines of JSON': ['', '{"a":1}\n', ''],
  'marks of elision': ['[', '"...", …', ']'],
  'byte order marks': ['', '\ufeff', '{"a":1}'],
  'half surrogates': ['["', '\ud83d', '"]'],
  'smart quotes': ['[', '“a”,', '0]'],
  'colons and commas': ['{', ':,', '}'],
  slashes: ['', '/', '{"a":1}'],
  'dashes and digits': ['', '-1', ''],
  letters: ['', 'nul', ''],
}

const limits = { maxCharacters: 10_000_100, maxDepth: 1000, maxCandidates: 10_000 }
const WAYS: Readonly<Record<string, Partial<LlmValidatorOptions<unknown>>>> = {
  careful: {},
  extract: { mode: 'extract' },
  generous: {
    coercion: 'lenient',
    duplicateKeys: 'last',
    bigNumbers: 'string',
    loneSurrogates: 'replace',
    choose: 'largest',
    missingBrackets: 'close',
    lines: 'array',
  },
}

let broken = 0
const wanted = process.argv[2] ?? ''
const shapes = Object.entries(SHAPES).filter(([name]) => name.includes(wanted))
if (shapes.length === 0) throw new RangeError(`no shape is named like ${wanted}`)
for (const [name, shape] of shapes) {
  for (const [way, options] of Object.entries(WAYS)) {
    const validator = new LlmValidator<unknown>({ ...options, schema: z.unknown(), limits })
    const { isHeld, answer, figures } = grown(validator, shape)
    if (!isHeld) broken++
    console.log(
      `${isHeld ? 'held  ' : 'BROKEN'} ${name.padEnd(28)} ${way.padEnd(9)}${answer.padEnd(20)} ${figures}`,
    )
  }
}
if (broken > 0) process.exitCode = 1

/** Reads ever longer answers of a shape, until one takes too long. */
function grown(
  validator: LlmValidator<unknown>,
  shape: readonly [string, string, string],
): { readonly isHeld: boolean; readonly answer: string; readonly figures: string } {
  const steps: { readonly ms: number; readonly answer: string }[] = []
  for (const length of LENGTHS) {
    const step = timed(validator, filled(shape, length))
    const before = steps.at(-1)
    steps.push(step)
    const isHeld = step.ms <= MOST_MS && step.ms <= MOST_TIMES * Math.max(before?.ms ?? step.ms, LEAST_MS)
    if (!isHeld) return { isHeld, answer: step.answer, figures: figuresOf(steps) }
  }
  return { isHeld: true, answer: steps.at(-1)?.answer ?? '', figures: figuresOf(steps) }
}

function figuresOf(steps: readonly { readonly ms: number }[]): string {
  return `${steps.map(({ ms }) => Math.round(ms)).join(', ')} ms`
}

function filled([before, piece, behind]: readonly [string, string, string], length: number): string {
  const text = before + piece.repeat(Math.floor(length / piece.length)) + behind
  // A text put together lazily would be made flat, and timed, by its first reader.
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

/** The shorter of two readings, in milliseconds of processor time. */
function timed(
  validator: LlmValidator<unknown>,
  text: string,
): { readonly ms: number; readonly answer: string } {
  const runs = [0, 1].map(() => {
    const before = process.threadCpuUsage()
    const outcome = validator.parse(text)
    const { user, system } = process.threadCpuUsage(before)
    return { ms: (user + system) / 1000, answer: outcome.ok ? 'read' : outcome.code }
  })
  return runs.reduce((least, one) => (one.ms < least.ms ? one : least))
}
