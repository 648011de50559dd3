import fc from 'fast-check'
import { z } from 'zod'
import { LlmValidator, type LlmValidatorOptions } from '../llm-validator.ts'
import type { LlmOutcome, LlmSpan } from '../outcome.ts'
import { brokenAnswer } from './broken-answer.ts'
import { doubleAnswer, markedAnswer, noisyAnswer, plainContainer } from './noisy-answer.ts'
import { isSameJson } from './same-json.ts'

/** Reads a text; a proof wraps it to watch how long each reading takes. */
export type Watch = <Result>(text: string, read: () => Result) => Result

/** A sentence that holds for any answer, and how it is tried. */
export interface AnswerProperty {
  readonly sentence: string
  /** Tries it on random answers. @throws Error with the shortest answer found for which it does not hold. */
  assert(parameters: fc.Parameters<unknown>): void
}

/** Faults for which a text that JSON.parse takes may be refused. */
const DOUBTS = ['DUPLICATE_KEY', 'FORBIDDEN_KEY', 'UNSAFE_NUMBER', 'LONE_SURROGATE', 'TOO_DEEP', 'TOO_LARGE']
const schema = z.unknown()
const careful = new LlmValidator({ schema, coercion: 'safe' })
const ticket = z.object({
  title: z.string(),
  done: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
})
const extracting = new LlmValidator({ schema, mode: 'extract' })
const variants: readonly LlmValidator<unknown>[] = [
  careful,
  extracting,
  new LlmValidator({ schema: ticket, coercion: 'lenient', choose: 'last', lines: 'array' }),
  new LlmValidator({ schema: z.array(ticket), coercion: 'safe', missingBrackets: 'close', lines: 'array' }),
  new LlmValidator({
    schema,
    duplicateKeys: 'first',
    bigNumbers: 'string',
    loneSurrogates: 'replace',
    forbiddenKeys: 'drop',
    choose: 'largest',
    missingBrackets: 'close',
  }),
  new LlmValidator({ schema, limits: { maxCharacters: 40, maxDepth: 2, maxCandidates: 2 } }),
]
const asJsonParse: Partial<LlmValidatorOptions<unknown>> = {
  mode: 'strict',
  duplicateKeys: 'last',
  bigNumbers: 'round',
  loneSurrogates: 'keep',
  forbiddenKeys: 'keep',
}
const likeJsonParse = new LlmValidator({ schema, ...asJsonParse })

/** A sentence that holds for any text, and whether it holds for one. */
export interface TextRule {
  readonly sentence: string
  holds(text: string): boolean
}

type Read = (validator: LlmValidator<unknown>, text: string, partial?: boolean) => LlmOutcome<unknown>

/** What must hold for any text, whatever it says. */
export function textRules(watch: Watch = (_text, read) => read()): readonly TextRule[] {
  const read = reading(watch)
  return [
    {
      sentence: 'any text is answered, by a value or by a refusal, with places that lie within it',
      holds: (text) => {
        const answers = variants.flatMap((one) => [read(one, text), read(one, text, true)])
        return answers.every((answer) => isWellFormed(answer, text))
      },
    },
    {
      sentence: 'what JSON.parse takes is read as the same value, or refused for a named doubt',
      holds: (text) => {
        const parsed = tryJson(text)
        const answer = read(careful, text)
        if (parsed === undefined) return true
        return answer.ok ? isSameJson(answer.value, parsed.value) : DOUBTS.includes(answer.code)
      },
    },
    {
      sentence: 'the strict mode takes what JSON.parse takes, and nothing else',
      holds: (text) => {
        const parsed = tryJson(text)
        const answer = read(likeJsonParse, text)
        if (answer.ok) return parsed !== undefined && isSameJson(answer.value, parsed.value)
        return parsed === undefined || ['UNSAFE_NUMBER', 'TOO_DEEP'].includes(answer.code)
      },
    },
  ]
}

/** What must hold for any answer. */
export function answerProperties(watch: Watch = (_text, read) => read()): readonly AnswerProperty[] {
  const read = reading(watch)
  return [
    ...textRules(watch).map((rule) => sentence(rule.sentence, brokenAnswer, rule.holds)),
    sentence('repairable faults and wrappings change no value', noisyAnswer, ({ value, text }) => {
      const answer = read(careful, text)
      return answer.ok && isSameJson(answer.value, value)
    }),
    sentence(
      'strings that hold fences and tags are read whole, or refused',
      markedAnswer,
      ({ value, text }) =>
        [careful, extracting].every((validator) => {
          const answer = read(validator, text)
          return !answer.ok || isSameJson(answer.value, value)
        }),
    ),
    sentence(
      'two different values in one answer are refused',
      doubleAnswer,
      (text) => !read(careful, text).ok,
    ),
    sentence(
      'an answer cut short anywhere is refused',
      fc.tuple(plainContainer, fc.nat()),
      ([value, place]) => {
        const text = JSON.stringify(value)
        return !read(careful, text.slice(0, place % text.length)).ok
      },
    ),
    sentence(
      'a repairable answer cut short is refused, or is whole already',
      fc.tuple(noisyAnswer, fc.nat()),
      ([noisy, place]) => {
        const answer = read(careful, noisy.text.slice(0, place % noisy.text.length))
        return !answer.ok || isSameJson(answer.value, noisy.value)
      },
    ),
  ]
}

function reading(watch: Watch): Read {
  return (validator, text, partial = false) => watch(text, () => validator.parse(text, { partial }))
}

function sentence<Sample>(
  text: string,
  arbitrary: fc.Arbitrary<Sample>,
  holds: (sample: Sample) => boolean,
): AnswerProperty {
  return {
    sentence: text,
    assert: (parameters) =>
      // Safe: of the parameters only the number of runs and the seed are used here, which know no sample.
      fc.assert(fc.property(arbitrary, holds), parameters as fc.Parameters<[Sample]>),
  }
}

function isWellFormed(answer: LlmOutcome<unknown>, text: string): boolean {
  if (!answer.ok) return answer.message !== '' && (answer.span === undefined || isWithin(answer.span, text))
  const isSure = answer.confidence > 0 && answer.confidence <= 1
  return isSure && answer.fixes.every(({ start, end }) => isWithin([start, end], text))
}

function isWithin([start, end]: LlmSpan, text: string): boolean {
  return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= text.length
}

function tryJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
