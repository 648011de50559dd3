/** Rows below a head, each column as wide as its widest cell; lines of text. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly (string | number | bigint)[])[],
): readonly string[] {
  const lines = [head, ...rows].map((row) => row.map((cell) => oneLine(String(cell))))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** `text` on one line, without what could steer a terminal. */
export function oneLine(text: string): string {
  return Array.from(text, (character) => (isControl(character) ? ' ' : character)).join('')
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code < 0x20 || (code >= 0x7f && code < 0xa0)
}
