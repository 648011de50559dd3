/** Bytes of the line before the code; fixed, so that it is read at once. */
const HEADER_BYTES = 128

/** What a session reads for one step: a line with the word of the step and the number of bytes, then the code. */
export function stepInput(code: string, nonce: string): Buffer {
  const body = Buffer.from(code)
  return Buffer.concat([Buffer.from(`${`${nonce} ${body.length} `.padEnd(HEADER_BYTES - 1)}\n`), body])
}
