/** The 4 or 16 bytes of an address in its usual notation (RFC 4291 for IPv6); undefined where it is none. */
export function ipBytes(address: string): readonly number[] | undefined {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.{0,64}$/, '')
  if (bare.length > 64) return undefined
  return bare.includes(':') ? ipv6Bytes(bare) : ipv4Bytes(bare)
}

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

function ipv6Bytes(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupBytes)
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  if (tail === undefined || head.length + tail.length > 14) return undefined
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

function groupBytes(half: string): readonly number[] | undefined {
  if (half === '') return []
  const bytes: number[] = []
  const groups = half.split(':')
  for (const [index, group] of groups.entries()) {
    if (group.includes('.') && index === groups.length - 1) {
      const embedded = ipv4Bytes(group)
      if (embedded === undefined) return undefined
      bytes.push(...embedded)
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    } else return undefined
  }
  return bytes
}
