import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildConsole, DIST_FOLDER } from '../../../console/build-console.ts'

const MAX_FIRST_LOAD_BYTES = 250_000
const SLOW_MS = 600_000

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

/** The compressed bytes of the files that a browser needs before it shows what `entries` are. */
function compressedBytes(entries: readonly string[]): number {
  // The build wrote it, in the form that it documents.
  const manifest = JSON.parse(readFileSync(join(DIST_FOLDER, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >
  const files = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`the build has no ${name}`)
    if (seen.has(name)) return
    seen.add(name)
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const imported of chunk.imports ?? []) visit(imported)
  }
  for (const entry of entries) visit(entry)
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST_FOLDER, file))).length, 0)
}

describe('the built console', () => {
  beforeAll(() => buildConsole().then(() => undefined), SLOW_MS)

  it.each([
    ['the sign-in', ['src/pages/sign-in/sign-in-page.tsx']],
    ['the overview, with its charts', ['src/pages/overview/overview-page.tsx', 'src/charts/plot.ts']],
  ])('has less than 250 kB, compressed, to load for %s', (_name, pages) => {
    const bytes = compressedBytes(['index.html', ...pages])
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES)
  })

  it('is made for production, though it was built within a test', () => {
    const texts = readdirSync(join(DIST_FOLDER, 'assets'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(DIST_FOLDER, 'assets', name), 'utf8'))
    expect(texts.some((text) => text.includes('React DevTools'))).toBe(false)
  })

  it('loads nothing from elsewhere', () => {
    const page = readFileSync(join(DIST_FOLDER, 'index.html'), 'utf8')
    expect(page.match(/(?:src|href)="(?!\/console\/)[^"]*"/g)).toBeNull()
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/)
  })
})
