/**
 * A text of at most `maxCharacters` UTF-16 code units: where it is longer, its head and its tail, of the same length, with a line
 * between them that says how many are left out. No character is cut apart.
 */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  // No fewer than are left out in the end, so the line that says how many never becomes longer than this one.
  const kept = maxCharacters - marker(text.length).length
  const headLength = Math.ceil(kept / 2)
  const tailStart = text.length - Math.floor(kept / 2)
  const head = text.slice(0, isWithinPair(text, headLength) ? headLength - 1 : headLength)
  const tail = text.slice(isWithinPair(text, tailStart) ? tailStart + 1 : tailStart)
  return head + marker(text.length - head.length - tail.length) + tail
}

function marker(leftOut: number): string {
  return `\n[… ${leftOut} characters left out …]\n`
}

/** Whether a cut before `at` parts the two halves of one character. */
function isWithinPair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff
}
