import { parseIpAddress } from './ip-address.ts'

/** The key of those whose address is unknown: they share one. */
const UNKNOWN = 'unknown'

/**
 * What the calls of an address are counted under: an IPv4 address by itself, however it is written; an IPv6 address by
 * its first 64 bits, since one line has all of the rest; anything else as `unknown`.
 */
export function addressKey(address: string): string {
  const ip = parseIpAddress(address)
  if (ip === undefined) return UNKNOWN
  return ip.version === 4 ? ip.text : `${ip.text.split(':').slice(0, 4).join(':')}::/64`
}
