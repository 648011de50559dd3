/** The unit of a tar archive in bytes. */
export const TAR_BLOCK_BYTES = 512

const SIZE_START = 124
const SUM_START = 148
const KIND_AT = 156
const MAGIC_START = 257
const NAME_BYTES = 100

/** One file or folder (its name ends in `/`) of a tar archive. */
export interface TarEntry {
  /** At most 100 bytes of UTF-8. */
  readonly name: string
  readonly content: Uint8Array
}

/** What the head of an entry says. */
export interface TarHead {
  readonly name: string
  readonly sizeBytes: number
  readonly isFile: boolean
  readonly isFolder: boolean
}

/** Writes a tar archive (POSIX.1-1988 ustar), without the empty blocks that end one. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ name, content }) => [head(name, content.byteLength), padded(content)]),
  )
}

/** Reads the head of an entry; undefined for a block that is no head. */
export function readTarHead(block: Uint8Array): TarHead | undefined {
  let sum = 0
  for (const [index, byte] of block.entries()) {
    sum += index >= SUM_START && index < SUM_START + 8 ? 0x20 : byte
  }
  if (octal(block, SUM_START, 8) !== sum) return undefined
  const sizeBytes = octal(block, SIZE_START, 12)
  if (sizeBytes === undefined) return undefined
  const kind = block[KIND_AT]
  const raw = block.subarray(0, NAME_BYTES)
  const end = raw.indexOf(0)
  // Bytes that are no UTF-8 become U+FFFD; the path rule then decides over a name that is certainly text.
  const name = new TextDecoder().decode(end === -1 ? raw : raw.subarray(0, end))
  return { name, sizeBytes, isFile: kind === 0x30 || kind === 0, isFolder: kind === 0x35 }
}

/** Whether a block holds nothing but zeros, as those do that end an archive. */
export function isEmptyBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

function head(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_BYTES)
  const isFolder = name.endsWith('/')
  if (Buffer.byteLength(name) > NAME_BYTES) throw new RangeError('the name of a tar entry is too long')
  block.write(name, 0)
  block.write(isFolder ? '0000755\0' : '0000644\0', 100)
  block.write('0000000\x000000000\0', 108)
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, SIZE_START)
  block.write('00000000000\0', 136)
  block.write('        ', SUM_START)
  block.write(isFolder ? '5' : '0', KIND_AT)
  block.write('ustar\x0000', MAGIC_START)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, SUM_START)
  return block
}

function padded(content: Uint8Array): Buffer {
  const length = Math.ceil(content.byteLength / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES
  const whole = Buffer.alloc(length)
  whole.set(content)
  return whole
}

function octal(block: Uint8Array, start: number, length: number): number | undefined {
  const text = Buffer.from(block.subarray(start, start + length)).toString('latin1')
  const digits = /^ *([0-7]+)[\0 ]*$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}
