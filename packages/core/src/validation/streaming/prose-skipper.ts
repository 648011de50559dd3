import { REASONING_NAMES } from '../candidates/reasoning-blocks.ts'

const REASONING_TAG = new RegExp(`^<(${REASONING_NAMES})(?:\\s[^<>\\n]*)?>$`, 'i')
/** Longest opening tag that is looked for, in characters. */
const MAX_TAG_LENGTH = 64

/** Finds where JSON may begin in chunks as they come: at a bracket outside of reasoning blocks. */
export class ProseSkipper {
  /** A tag that is not whole. */
  #tag = ''
  /** The end of the reasoning block that is being skipped. */
  #closing: RegExp | undefined
  /** What of a chunk may be the beginning of it. */
  #tail = ''

  /** Where in the chunk a bracket stands, from `start` on; the chunk's length where there is none. */
  find(chunk: string, start: number): number {
    let at = start
    while (at < chunk.length) {
      if (this.#closing !== undefined) at = this.#skipReasoning(this.#closing, chunk, at)
      else {
        const character = chunk.charAt(at)
        if (character === '{' || character === '[') return at
        this.#readTag(character)
        at++
      }
    }
    return at
  }

  #readTag(character: string): void {
    if (character === '<') this.#tag = '<'
    else if (this.#tag !== '') this.#tag = this.#tag.length < MAX_TAG_LENGTH ? this.#tag + character : ''
    const name = REASONING_TAG.exec(this.#tag)?.[1]
    if (name === undefined) return
    this.#closing = new RegExp(`</${name}\\s*>`, 'i')
    this.#tag = ''
    this.#tail = ''
  }

  #skipReasoning(closing: RegExp, chunk: string, at: number): number {
    const text = this.#tail + chunk.slice(at)
    const end = closing.exec(text)
    if (end === null) {
      this.#tail = text.slice(-MAX_TAG_LENGTH)
      return chunk.length
    }
    this.#closing = undefined
    return at + end.index + end[0].length - this.#tail.length
  }
}
