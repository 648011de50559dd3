import { type Finding, ok, wrong } from './finding.ts'

/** The versions of a server that the packages are tested with, the first and the last; the last may be left open. */
export interface VersionRange {
  readonly least: readonly number[]
  /** Major version. Default: none is too new. */
  readonly lastMajor?: number
}

/** Whether `version` is one that is supported. */
export function versionFinding(check: string, title: string, version: string, range: VersionRange): Finding {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10))
  const least = range.least.join('.')
  if (isBelow(parts, range.least)) {
    const message = `${title} ${version} is older than ${least}, the oldest that is supported`
    return wrong('error', check, message, `upgrade ${title} to ${least} or newer`)
  }
  if (range.lastMajor !== undefined && (parts[0] ?? 0) > range.lastMajor) {
    const message = `${title} ${version} is newer than ${range.lastMajor}, the newest that was tested`
    return wrong('warning', check, message, `run your tests against it, or use ${title} ${range.lastMajor}`)
  }
  return ok(check, `${title} ${version}`)
}

/** What is no number counts as below. */
function isBelow(parts: readonly number[], least: readonly number[]): boolean {
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0
    if (Number.isNaN(part) || part < wanted) return true
    if (part > wanted) return false
  }
  return false
}
