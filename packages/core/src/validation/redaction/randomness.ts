/** What kinds of characters a text holds, and its longest stretch of letters and digits that mixes kinds. */
interface Mixture {
  readonly digits: number
  readonly hasUpper: boolean
  readonly hasLower: boolean
  readonly longestMixedStretch: number
}

/**
 * Whether `text` holds `length` letters and digits in one stretch that no word has: digits among letters, or both cases
 * beyond a capital in front.
 */
export function hasRandomStretch(text: string, length: number): boolean {
  return mixtureOf(text).longestMixedStretch >= length
}

/** Whether `text` holds a digit. */
export function hasDigit(text: string): boolean {
  return mixtureOf(text).digits > 0
}

/** Whether `text` holds letters of both cases. */
export function hasBothCases(text: string): boolean {
  const { hasUpper, hasLower } = mixtureOf(text)
  return hasUpper && hasLower
}

/** Whether `text` reads like an opaque token: six digits, or a long stretch of digits and letters of both cases. */
export function looksOpaque(text: string): boolean {
  const { digits, hasUpper, hasLower, longestMixedStretch } = mixtureOf(text)
  return digits >= 6 || (digits > 0 && hasUpper && hasLower && longestMixedStretch >= 16)
}

function mixtureOf(text: string): Mixture {
  let digits = 0
  let hasUpper = false
  let hasLower = false
  let longestMixedStretch = 0
  let start = 0
  let letters = 0
  let digitsHere = 0
  let casesTurned = 0
  let wasLower = false
  for (let index = 0; index <= text.length; index++) {
    const code = text.charCodeAt(index)
    const isDigit = code >= 48 && code <= 57
    const isUpper = code >= 65 && code <= 90
    const isLower = code >= 97 && code <= 122
    if (isDigit || isUpper || isLower) {
      if (isDigit) digitsHere++
      else letters++
      if (isUpper && wasLower) casesTurned++
      hasUpper ||= isUpper
      hasLower ||= isLower
      wasLower = isLower
      continue
    }
    digits += digitsHere
    const isMixed = (digitsHere > 0 && letters > 0) || casesTurned >= 3
    if (isMixed) longestMixedStretch = Math.max(longestMixedStretch, index - start)
    start = index + 1
    letters = 0
    digitsHere = 0
    casesTurned = 0
    wasLower = false
  }
  return { digits, hasUpper, hasLower, longestMixedStretch }
}
