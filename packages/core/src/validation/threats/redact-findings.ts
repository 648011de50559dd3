import type { ThreatFinding } from './threat-report.ts'

/** `text` with a marker that names the family in the place of each finding. Places that overlap or touch become one. */
export function redactFindings(text: string, findings: readonly ThreatFinding[]): string {
  const parts: string[] = []
  let from = 0
  let last: { start: number; end: number; family: string } | undefined
  const close = (): void => {
    if (last === undefined) return
    parts.push(text.slice(from, last.start), `[removed: ${last.family}]`)
    from = last.end
  }
  for (const { span, family } of findings) {
    const [start, end] = span
    if (last !== undefined && start <= last.end) {
      last.end = Math.max(last.end, end)
      continue
    }
    close()
    last = { start, end, family }
  }
  close()
  return parts.join('') + text.slice(from)
}
