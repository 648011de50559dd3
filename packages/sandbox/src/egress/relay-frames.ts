/**
 * What passes between the host and a relay in the sandbox, for one connection each: it was opened, data, no more data from
 * this side, its end, and how many bytes of data have been passed on.
 */
export type RelayFrameKind = 'open' | 'data' | 'end' | 'close' | 'taken'

/** One frame. */
export interface RelayFrame {
  readonly kind: RelayFrameKind
  /** The connection, 1 to 65535, chosen by the relay. */
  readonly connection: number
  readonly data: Buffer
}

/** The most bytes of one frame's data. */
export const MAX_FRAME_BYTES = 16_384

/** Bytes of one connection that may be on their way in one direction. */
export const WINDOW_BYTES = 131_072

const HEADER_BYTES = 5
const LETTERS: Readonly<Record<RelayFrameKind, string>> = {
  open: 'O',
  data: 'D',
  end: 'E',
  close: 'X',
  taken: 'A',
}
const KINDS = new Map<number, RelayFrameKind>(
  // Safe: the keys are those of the record above.
  (Object.entries(LETTERS) as [RelayFrameKind, string][]).map(([kind, letter]) => [
    letter.charCodeAt(0),
    kind,
  ]),
)

/** One frame as bytes: a letter, the connection and the length of the data as 16 bits each, and the data. */
export function relayFrame(
  kind: RelayFrameKind,
  connection: number,
  data: Uint8Array = Buffer.alloc(0),
): Buffer {
  const header = Buffer.from(`${LETTERS[kind]}____`)
  header.writeUInt16BE(connection, 1)
  header.writeUInt16BE(data.byteLength, 3)
  return Buffer.concat([header, data])
}

/** The frame that says how many bytes were passed on. */
export function takenFrame(connection: number, bytes: number): Buffer {
  const data = Buffer.alloc(4)
  data.writeUInt32BE(bytes)
  return relayFrame('taken', connection, data)
}

/** Takes frames out of bytes, however they are cut. */
export class RelayFrameReader {
  readonly #onFrame: (frame: RelayFrame) => void
  #held: Buffer = Buffer.alloc(0)
  #isBroken = false

  constructor(onFrame: (frame: RelayFrame) => void) {
    this.#onFrame = onFrame
  }

  /** Takes the next bytes. Returns false from the first that are no frame on; it keeps less than one frame. */
  push(data: Buffer): boolean {
    if (this.#isBroken) return false
    let rest = this.#held.length === 0 ? data : Buffer.concat([this.#held, data])
    while (rest.length >= HEADER_BYTES) {
      const kind = KINDS.get(rest[0] ?? 0)
      const connection = rest.readUInt16BE(1)
      const length = rest.readUInt16BE(3)
      if (kind === undefined || connection === 0 || !isLengthOf(kind, length)) {
        this.#isBroken = true
        return false
      }
      if (rest.length < HEADER_BYTES + length) break
      this.#onFrame({ kind, connection, data: rest.subarray(HEADER_BYTES, HEADER_BYTES + length) })
      rest = rest.subarray(HEADER_BYTES + length)
    }
    this.#held = Buffer.from(rest)
    return true
  }
}

function isLengthOf(kind: RelayFrameKind, length: number): boolean {
  if (kind === 'data') return length > 0 && length <= MAX_FRAME_BYTES
  return length === (kind === 'taken' ? 4 : 0)
}
