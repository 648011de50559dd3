import type { LlmAnswerFacts } from '../finish-reason.ts'
import type { LlmOutcome } from '../outcome.ts'
import type { DeepPartial } from './deep-partial.ts'
import { PartialJson, type StreamPath, type StreamState } from './partial-json.ts'
import { ProseSkipper } from './prose-skipper.ts'

/** A member of the value that has come to its end. */
export interface StreamedMember {
  /** Keys and indexes from the root to it. Empty: the whole value. */
  readonly path: StreamPath
  readonly value: unknown
}

/** What a stream is made of. */
export interface LlmStreamOptions<Value> {
  /** Reads the whole answer. */
  readonly parse: (text: string, facts: LlmAnswerFacts) => LlmOutcome<Value>
  readonly maxCharacters: number
  readonly maxDepth: number
}

/**
 * Reads an answer while it comes. The partial value is a preview for eyes: strict JSON from the first bracket outside of
 * reasoning blocks, not repaired and not of the schema yet. What may be relied on is {@link LlmStream.outcome}. Takes
 * time linear in the answer's length, however it is cut into chunks.
 */
export class LlmStream<Value> {
  readonly #options: LlmStreamOptions<Value>
  readonly #json: PartialJson
  readonly #prose: ProseSkipper = new ProseSkipper()
  readonly #chunks: string[] = []
  #length = 0
  #done: StreamedMember[] = []

  constructor(options: LlmStreamOptions<Value>) {
    this.#options = options
    this.#json = new PartialJson(options.maxDepth, (path, value) => this.#done.push({ path, value }))
  }

  /**
   * The value as far as it has come, undefined before it begins. Texts grow while they come, numbers and words are there
   * only when whole. It is the value of the answer, before a schema that changes values has changed it; the same object
   * grows with each chunk, so copy what is to stay.
   */
  get value(): DeepPartial<Value> | undefined {
    // A preview is typed by what the answer is meant to become; nothing has been checked, which its name says.
    return this.#json.value as DeepPartial<Value> | undefined
  }

  /** Where the preview stands; `broken` where the answer is no strict JSON, which its outcome may still be read from. */
  get state(): StreamState {
    return this.#json.state
  }

  /** Whether what stands at a path is there to its end: false while it grows and where there is nothing. */
  isDone(path: StreamPath = []): boolean {
    return this.#json.isDone(path)
  }

  /** Reads the next part of the answer. @returns the members that came to their end in it, the inner before the outer. */
  push(chunk: string): readonly StreamedMember[] {
    const room = this.#options.maxCharacters - this.#length
    this.#length += chunk.length
    // One character too many is kept, by which the outcome knows that the answer is too large.
    if (room >= 0) this.#chunks.push(chunk.slice(0, room + 1))
    const text = chunk.slice(0, Math.max(0, room))
    this.#done = []
    let at = 0
    while (at < text.length && (this.state === 'waiting' || this.state === 'reading')) {
      if (this.state === 'waiting') at = this.#prose.find(text, at)
      if (at < text.length) at = this.#json.read(text, at)
    }
    return this.#done
  }

  /** What the answer is, as far as it has come: all of it once the model has stopped. @throws as the validator's `parse`. */
  outcome(facts: LlmAnswerFacts = {}): LlmOutcome<Value> {
    return this.#options.parse(this.#chunks.join(''), facts)
  }
}
