import { Buffer } from 'node:buffer'

const CHUNK_LENGTH = 16_384
// UTF-8 takes three bytes at most for a UTF-16 code unit, and the byte of a quotation mark stands for nothing else.
const SCRATCH_BYTES = 3 * CHUNK_LENGTH
const scratch = Buffer.alloc(SCRATCH_BYTES)
const words = new Int32Array(scratch.buffer, scratch.byteOffset, SCRATCH_BYTES / 4)

/**
 * The number of quotation marks in a text. Four bytes at a time, since this is most of what reading valid JSON costs
 * besides JSON.parse.
 */
export function countQuotes(text: string): number {
  if (text.length <= CHUNK_LENGTH) return countChunk(text)
  let quotes = 0
  for (let at = 0; at < text.length; at += CHUNK_LENGTH)
    quotes += countChunk(text.slice(at, at + CHUNK_LENGTH))
  return quotes
}

function countChunk(text: string): number {
  const length = scratch.write(text, 'utf8')
  const wordCount = (length + 3) >> 2
  for (let at = length; at < wordCount * 4; at++) scratch[at] = 0
  let quotes = 0
  for (let at = 0; at < wordCount; ) {
    // A lane of eight bits counts to 255.
    const end = Math.min(wordCount, at + 255)
    let lanes = 0
    for (; at < end; at++) {
      // A byte of `other` is zero where a quotation mark stands; the next line leaves 1 in each such byte, 0 elsewhere.
      const other = (words[at] ?? 0) ^ 0x22222222
      lanes = (lanes + (~(((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other | 0x7f7f7f7f) >>> 7)) | 0
    }
    quotes += (lanes & 255) + ((lanes >>> 8) & 255) + ((lanes >>> 16) & 255) + (lanes >>> 24)
  }
  return quotes
}
