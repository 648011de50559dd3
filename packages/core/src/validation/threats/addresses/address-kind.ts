import { ipBytes } from './ip-bytes.ts'

/** What an IP address is for. Only `public` is safe to fetch from. */
export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'unspecified'
  | 'multicast'
  | 'reserved'

type Range = readonly [prefix: readonly number[], bits: number, kind: AddressKind]

/** RFC 6890 and its successors in the registry of special-purpose addresses. */
const IPV4: readonly Range[] = [
  [[0], 8, 'unspecified'],
  [[10], 8, 'private'],
  [[100, 64], 10, 'private'],
  [[127], 8, 'loopback'],
  [[169, 254], 16, 'link-local'],
  [[172, 16], 12, 'private'],
  [[192, 0, 0], 24, 'reserved'],
  [[192, 0, 2], 24, 'reserved'],
  [[192, 88, 99], 24, 'reserved'],
  [[192, 168], 16, 'private'],
  [[198, 18], 15, 'reserved'],
  [[198, 51, 100], 24, 'reserved'],
  [[203, 0, 113], 24, 'reserved'],
  [[224], 4, 'multicast'],
  [[240], 4, 'reserved'],
]
const IPV6: readonly Range[] = [
  [[0x01, 0x00, 0, 0, 0, 0, 0, 0], 64, 'reserved'],
  [[0x20, 0x01, 0x0d, 0xb8], 32, 'reserved'],
  [[0x20, 0x01, 0x00], 23, 'reserved'],
  [[0x3f, 0xff, 0x00], 20, 'reserved'],
  [[0x5f, 0x00], 16, 'reserved'],
  [[0xfc], 7, 'private'],
  [[0xfe, 0x80], 10, 'link-local'],
  [[0xfe, 0xc0], 10, 'private'],
  [[0xff], 8, 'multicast'],
]
/** Prefixes of 12 bytes behind which an IPv4 address stands: compatible, mapped, translated (RFC 6052). */
const CARRIERS: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
  [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0],
  [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
]

/** The kind of an IPv4 or IPv6 address, seen through mapped, translated and 6to4 forms; undefined where it is no address. */
export function addressKind(address: string): AddressKind | undefined {
  const bytes = ipBytes(address)
  return bytes === undefined ? undefined : kindOf(bytes)
}

function kindOf(bytes: readonly number[]): AddressKind {
  if (bytes.length === 4) return kindIn(IPV4, bytes)
  const isSmall = bytes.slice(0, 15).every((byte) => byte === 0)
  if (isSmall && bytes[15] === 0) return 'unspecified'
  if (isSmall && bytes[15] === 1) return 'loopback'
  if (CARRIERS.some((carrier) => startsWith(bytes, carrier, 96))) return kindOf(bytes.slice(12))
  if (startsWith(bytes, [0x20, 0x02], 16)) return kindOf(bytes.slice(2, 6))
  if (startsWith(bytes, [0x00, 0x64, 0xff, 0x9b], 32)) return 'private'
  return kindIn(IPV6, bytes)
}

function kindIn(ranges: readonly Range[], bytes: readonly number[]): AddressKind {
  return ranges.find(([prefix, bits]) => startsWith(bytes, prefix, bits))?.[2] ?? 'public'
}

function startsWith(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const mask = 0xff & ~(0xff >> Math.min(8, bits - index * 8))
    if (((bytes[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false
  }
  return true
}
