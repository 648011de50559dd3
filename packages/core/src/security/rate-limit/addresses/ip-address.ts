import { isIPv4, isIPv6 } from 'node:net'

/** An address of the internet protocol in its one canonical spelling. */
export interface IpAddress {
  /** 4 or 6; an IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is 4. */
  readonly version: 4 | 6
  /** Dotted decimals, or eight groups of hexadecimal digits without leading zeros and without `::`. */
  readonly text: string
}

/** The longest spelling of an address with a zone. */
const MAX_LENGTH = 128

/**
 * Reads an address without port and brackets; undefined where it is none. A zone (`%eth0`) is dropped, decimals with
 * leading zeros are refused, as some read them as octal.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > MAX_LENGTH) return undefined
  if (isIPv4(text)) return { version: 4, text }
  if (!isIPv6(text)) return undefined
  const groups = groupsOf(text.replace(/%.*$/, ''))
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return { version: 6, text: groups.map((group) => group.toString(16)).join(':') }
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff])
  return { version: 4, text: bytes.join('.') }
}

/** The eight groups of an address that is known to be IPv6. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::')
  const before = readGroups(head)
  if (tail === undefined) return before
  const after = readGroups(tail)
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function readGroups(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}
