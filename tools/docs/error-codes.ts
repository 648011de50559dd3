import { execFileSync } from 'node:child_process'

const CODE = /`([A-Z]+(?:_[A-Z]+)+)`/g

/** The error codes that a page tells of and no source of a package knows. */
export function unknownCodes(page: string, known: ReadonlySet<string>): readonly string[] {
  return [...page.matchAll(CODE)].map(([, code]) => code ?? '').filter((code) => !known.has(code))
}

/** The codes that stand in the sources of the packages, between quotes. */
export function knownCodes(): ReadonlySet<string> {
  const found = execFileSync('git', ['grep', '-hoE', "'[A-Z]+(_[A-Z]+)+'", '--', 'packages/**/*.ts'], {
    encoding: 'utf8',
  })
  return new Set(found.split('\n').map((code) => code.slice(1, -1)))
}
