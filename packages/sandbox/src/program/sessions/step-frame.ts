import type { FileBounds } from '../../file-bounds.ts'
import { EndFrame } from '../end-frame.ts'

/**
 * Reads what follows a session's mark: `:` and the word of the step, then the end frame of the step; without them it is the end
 * frame of the whole session, whose interpreter has ended.
 */
export class StepFrame extends EndFrame {
  readonly #tag: Buffer
  #prefix: Buffer | undefined = Buffer.alloc(0)
  #isOfSession = false

  constructor(bounds: FileBounds, nonce: string) {
    super(bounds)
    this.#tag = Buffer.from(`:${nonce} `)
  }

  /** Whether it is the session that has ended, not the step alone. */
  get isOfSession(): boolean {
    return this.#isOfSession
  }

  override push(data: Buffer): void {
    if (this.#prefix === undefined) {
      super.push(data)
      return
    }
    const seen = Buffer.concat([this.#prefix, data])
    this.#prefix = seen
    if (seen.length === 0) return
    if (seen[0] !== this.#tag[0]) this.#begin(seen, true)
    else if (seen.length >= this.#tag.length) {
      // With another word the tag stays in front, where no status can be read.
      const isOurs = seen.subarray(0, this.#tag.length).equals(this.#tag)
      this.#begin(isOurs ? seen.subarray(this.#tag.length) : seen, false)
    }
  }

  #begin(data: Buffer, isOfSession: boolean): void {
    this.#prefix = undefined
    this.#isOfSession = isOfSession
    super.push(data)
  }
}
