import { BlockList } from 'node:net'
import { InvalidOptionError, requireInteger } from '../../../errors/index.ts'
import { parseIpAddress } from './ip-address.ts'

/** Which hops on the way to us are proxies of our own: what {@link trustProxies} gives. */
export type TrustedProxies =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'list'; includes(address: string): boolean }

const MAX_HOPS = 16
const MAX_RANGES = 1024

/**
 * Reads which proxies are trusted: how many stand before us (0 to 16; 0 trusts none), or the addresses that they have,
 * up to 1024 of them, each alone (`192.0.2.7`) or as a range (`10.0.0.0/8`, `2001:db8::/32`). A list is safer: whoever
 * comes past the proxies is not believed.
 * @throws InvalidOptionError `INVALID_OPTION` on a number out of range, or what is no address or range.
 */
export function trustProxies(proxies: number | readonly string[]): TrustedProxies {
  if (typeof proxies === 'number') {
    return { kind: 'count', count: requireInteger('trustedProxies', proxies, { max: MAX_HOPS }) }
  }
  if (!Array.isArray(proxies) || proxies.length > MAX_RANGES) {
    throw new InvalidOptionError('trustedProxies', `a number or up to ${MAX_RANGES} addresses`, proxies)
  }
  const list = new BlockList()
  for (const range of proxies) addRange(list, range)
  return { kind: 'list', includes: (address) => isListed(list, address) }
}

function isListed(list: BlockList, address: string): boolean {
  const ip = parseIpAddress(address)
  return ip !== undefined && list.check(ip.text, ip.version === 4 ? 'ipv4' : 'ipv6')
}

function addRange(list: BlockList, range: unknown): void {
  const [text = '', bits, ...rest] = typeof range === 'string' ? range.split('/') : []
  const ip = parseIpAddress(text)
  const width = ip?.version === 4 ? 32 : 128
  const length = bits === undefined ? width : readLength(bits, width)
  // The length of a range of IPv4 that is written as IPv6 counts 96 bits too many: it has to be written plainly.
  const isPlain = ip?.version === 6 || !text.includes(':')
  if (ip === undefined || length === undefined || rest.length > 0 || !isPlain) {
    throw new InvalidOptionError('trustedProxies', 'an IP address, alone or with a prefix length', range)
  }
  list.addSubnet(ip.text, length, ip.version === 4 ? 'ipv4' : 'ipv6')
}

function readLength(bits: string, width: number): number | undefined {
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  return length <= width ? length : undefined
}
