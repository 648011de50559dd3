/**
 * Proves that any text is answered, by fuzzing that is guided by coverage: an input that makes a block of the validation
 * code run for the first time is kept, and further inputs are made from it. Begins with the texts of the corpora. V8
 * counts the blocks, so nothing is installed or rewritten for it.
 * Usage: node --conditions=golden-arch-source tools/prove/validation-coverage-fuzz.ts [inputs, default 100000] [seed]
 */
import { isMainThread, workerData } from 'node:worker_threads'
import { detectThreats, LlmValidator, Redactor } from '@golden-arch/core/validation'
import { z } from 'zod'
import { textRules } from '../../packages/core/src/validation/testing/answer-properties.ts'
import { ANSWER_TOKENS } from '../../packages/core/src/validation/testing/broken-answer.ts'
import { readCorpus } from '../../packages/core/src/validation/testing/corpus-case.ts'
import { readGrammar } from '../../packages/core/src/validation/testing/grammar-case.ts'
import { SINKS } from '../../packages/core/src/validation/threats/threat-context.ts'
import { BlockCoverage } from '../fuzz/block-coverage.ts'
import { mutateText, seededDice } from '../fuzz/mutate-text.ts'
import { runWatched } from '../fuzz/watched-worker.ts'

interface Shared {
  readonly counts: Int32Array
  readonly inputs: number
  readonly seed: number
}

/** Asking for the coverage costs as much as reading some hundred texts. */
const BATCH = 64
const MAX_SEED_CHARACTERS = 2000
const CHUNK_CHARACTERS = 3

if (isMainThread) {
  const inputs = Number(process.argv[2] ?? 100_000)
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
  if (!(inputs > 0)) throw new RangeError(`the number of inputs must be positive, not ${process.argv[2]}`)
  console.log(`${inputs} inputs, seed ${seed}`)
  const counts = new Int32Array(new SharedArrayBuffer(4))
  const shared: Shared = { counts, inputs, seed }
  await runWatched(new URL(import.meta.url), shared, () => 'a reading of an input')
} else fuzz(workerData as Shared)

function fuzz({ counts, inputs, seed }: Shared): void {
  const dice = seededDice(seed)
  const coverage = new BlockCoverage(
    (url) => url.includes('/core/src/validation/') && !url.includes('/testing/'),
  )
  const texts = [...readCorpus(), ...readGrammar()].map(({ text }) => text.slice(0, MAX_SEED_CHARACTERS))
  const kept = [...new Set(texts)]
  const pick = (): string => kept[dice(kept.length)] ?? ''
  const check = checker()
  const tryOne = (text: string): void => {
    check(text)
    Atomics.add(counts, 0, 1)
  }
  for (const text of kept) tryOne(text)
  coverage.hasGrown('remember')
  const before = { ...coverage.figures(), texts: kept.length }
  for (let done = 0; done < inputs; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, inputs - done) }, () =>
      mutateText(pick(), pick(), ANSWER_TOKENS, dice),
    )
    for (const text of batch) tryOne(text)
    if (!coverage.hasGrown('forget')) continue
    for (const text of batch) {
      tryOne(text)
      if (coverage.hasGrown('remember')) kept.push(text)
    }
  }
  const after = coverage.figures()
  coverage.close()
  console.log(
    `${after.functions} functions ran, ${before.functions} of them by the corpora alone\n` +
      `${after.characters} characters of their source ran, ${before.characters} of them by the corpora alone\n` +
      `${kept.length - before.texts} inputs kept beside the ${before.texts} of the corpora`,
  )
}

/** Tries all that must hold for a text. It throws an error that holds the text for which something does not. */
function checker(): (text: string) => void {
  const rules = textRules()
  const validator = new LlmValidator({ schema: z.unknown() })
  const redactor = new Redactor()
  const claims: ReadonlyArray<readonly [sentence: string, holds: (text: string) => boolean]> = [
    ...rules.map(({ sentence, holds }) => [sentence, holds] as const),
    ['a stream ends as the whole text is read', (text) => endsAlike(validator, text)],
    ['threats are told without a change', (text) => detectThreats(text, { contexts: SINKS }).text === text],
    ['what was redacted has nothing left to redact', (text) => isStable(redactor, text)],
  ]
  return (text) => {
    for (const [sentence, holds] of claims) {
      let cause: unknown
      try {
        if (holds(text)) continue
      } catch (error) {
        cause = error
      }
      const reason = cause instanceof Error ? `: ${cause.message}` : ''
      throw new Error(`BROKEN: ${sentence}${reason}\n${JSON.stringify(text)}`, { cause })
    }
  }
}

function endsAlike(validator: LlmValidator<unknown>, text: string): boolean {
  const stream = validator.stream()
  for (let at = 0; at < text.length; at += CHUNK_CHARACTERS)
    stream.push(text.slice(at, at + CHUNK_CHARACTERS))
  const streamed = stream.outcome()
  const whole = validator.parse(text)
  return streamed.ok === whole.ok && (streamed.ok || whole.ok || streamed.code === whole.code)
}

function isStable(redactor: Redactor, text: string): boolean {
  const once = redactor.redact(text).text
  return redactor.redact(once).text === once
}
