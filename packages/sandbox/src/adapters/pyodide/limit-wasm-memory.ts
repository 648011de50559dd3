const HEADER_BYTES = 8
const MEMORY_SECTION = 5
const HAS_MAXIMUM = 1

/**
 * A WebAssembly module whose own memory has no higher maximum than `maxPages` (of 64 KiB), otherwise the same. The engine keeps
 * the bound; from outside of the module there is no other way to set it.
 * @throws RangeError where the module has no single memory of its own with a maximum, or needs more than that to start.
 */
export function limitWasmMemory(module: Uint8Array, maxPages: number): Uint8Array {
  for (let at = HEADER_BYTES; at < module.byteLength; ) {
    const id = module[at]
    const size = readUnsigned(module, at + 1)
    const end = size.next + size.value
    if (id === MEMORY_SECTION) {
      const body = memoryBody(module.subarray(size.next, end), maxPages)
      const section = Uint8Array.of(MEMORY_SECTION, ...unsigned(body.length), ...body)
      return Buffer.concat([module.subarray(0, at), section, module.subarray(end)])
    }
    at = end
  }
  throw new RangeError('the module has no memory of its own')
}

function memoryBody(body: Uint8Array, maxPages: number): readonly number[] {
  const count = readUnsigned(body, 0)
  const flags = body[count.next] ?? 0
  const initial = readUnsigned(body, count.next + 1)
  if (count.value !== 1 || (flags & HAS_MAXIMUM) === 0) {
    throw new RangeError('the module has more than one memory, or one without a maximum')
  }
  const maximum = readUnsigned(body, initial.next)
  if (initial.value > maxPages) throw new RangeError(`the module needs ${initial.value} pages to start`)
  return [1, flags, ...unsigned(initial.value), ...unsigned(Math.min(maximum.value, maxPages))]
}

/** A number in LEB128, and where the next byte is. */
function readUnsigned(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let index = 0; index < 5; index++) {
    const byte = bytes[start + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: start + index + 1 }
  }
  throw new RangeError('the module is cut short or malformed')
}

function unsigned(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}
