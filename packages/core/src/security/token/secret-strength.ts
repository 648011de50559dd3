const MIN_BYTES = 32
const MAX_BYTES = 1024
/** 32 random bytes show 30 different values on average; fewer than 20 is beyond all chance. */
const MIN_DIFFERENT_BYTES = 20
/** 64 random hexadecimal digits show all 16 as a rule; fewer than 10 is beyond all chance. */
const MIN_DIFFERENT_CHARACTERS = 10
/** Words of six letters and more, which no random secret holds by chance. */
const PLACEHOLDER = /change.?me|secret|passw[o0]rd|example|default|qwerty|letmein|your.?key|golden/i

/**
 * Why bytes are no secret, or undefined: fewer than 32, more than 1024, few different ones, a repetition, a regular
 * sequence, or a placeholder out of a sample file; of a text also where so many characters of its alphabet cannot hold
 * 256 bits. It finds what is plainly weak; that the rest is random nobody can see.
 */
export function findSecretFault(bytes: Uint8Array, isText = false): string | undefined {
  if (bytes.length < MIN_BYTES) return `must have at least ${MIN_BYTES} bytes`
  if (bytes.length > MAX_BYTES) return `must have at most ${MAX_BYTES} bytes`
  const text = Buffer.from(bytes).toString('latin1')
  if (isText && text.length * Math.log2(alphabetSize(text)) < MIN_BYTES * 8) {
    return 'must hold 32 random bytes: 64 hexadecimal digits or 43 characters of base64'
  }
  const minDifferent = isText ? MIN_DIFFERENT_CHARACTERS : MIN_DIFFERENT_BYTES
  if (new Set(bytes).size < minDifferent) return `must be random: fewer than ${minDifferent} different bytes`
  if (isPeriodic(bytes)) return 'must be random: it repeats itself'
  if (isRegular(bytes)) return 'must be random: its bytes follow one another in order'
  if (PLACEHOLDER.test(text)) return 'must be random: it holds a word of sample files'
  return undefined
}

function alphabetSize(text: string): number {
  if (/^[0-9]+$/.test(text)) return 10
  if (/^([0-9a-f]+|[0-9A-F]+)$/.test(text)) return 16
  if (/^([a-z]+|[A-Z]+)$/.test(text)) return 26
  return /^[\w+/=-]+$/.test(text) ? 64 : 95
}

/** Whether a period of at most half the length runs through all bytes. */
function isPeriodic(bytes: Uint8Array): boolean {
  for (let period = 1; period <= bytes.length / 2; period++) {
    if (bytes.every((byte, index) => index < period || byte === bytes[index - period])) return true
  }
  return false
}

/** Whether most steps from byte to byte are the same, as in 0, 1, 2 or in an alphabet. */
function isRegular(bytes: Uint8Array): boolean {
  const steps = new Map<number, number>()
  for (let index = 1; index < bytes.length; index++) {
    const step = ((bytes[index] ?? 0) - (bytes[index - 1] ?? 0)) & 0xff
    steps.set(step, (steps.get(step) ?? 0) + 1)
  }
  return Math.max(...steps.values()) > (bytes.length - 1) / 2
}
