import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const CHANGESETS = '.changeset'
const HEAD = '# Changelog\n\nWhat changed for users, package by package.\n'

/** The page of what changed: what waits for the next release, then each package's own changelog. */
export function changelogPage(): string {
  const waiting = readdirSync(CHANGESETS)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) =>
      readFileSync(join(CHANGESETS, name), 'utf8')
        .replace(/^---\n[\s\S]*?\n---\n/, '')
        .trim(),
    )
  const released = readdirSync('packages')
    .map((name) => join('packages', name, 'CHANGELOG.md'))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').replace(/^#/gm, '##'))
  const next = waiting.length === 0 ? [] : ['## Not yet released', ...waiting]
  return `${[HEAD, ...next, ...released].join('\n\n')}\n`
}
