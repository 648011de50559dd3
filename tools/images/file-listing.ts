import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What an engine writes into each container that it makes, and what is none of an image's own. */
const MADE_BY_ENGINE = new Set([
  '.dockerenv',
  'dev',
  'proc',
  'sys',
  'etc/hosts',
  'etc/hostname',
  'etc/resolv.conf',
  'etc/mtab',
])

/**
 * Every file below `root`, by its path: mode, owner, time, and a hash of its content or where it leads. A folder is told
 * without its time.
 */
export function listFiles(root: string): ReadonlyMap<string, string> {
  const listed = new Map<string, string>()
  const visit = (path: string): void => {
    if (MADE_BY_ENGINE.has(path)) return
    const whole = join(root, path)
    const { mode, uid, gid, mtimeMs } = lstatSync(whole)
    const kind = mode & 0o170000
    const own = `${mode.toString(8)} ${uid}:${gid}`
    if (kind === 0o040000) {
      listed.set(path, own)
      for (const name of readdirSync(whole).sort()) visit(path === '' ? name : `${path}/${name}`)
    } else if (kind === 0o120000) listed.set(path, `${own} ${mtimeMs} -> ${readlinkSync(whole)}`)
    else
      listed.set(path, `${own} ${mtimeMs} ${createHash('sha256').update(readFileSync(whole)).digest('hex')}`)
  }
  visit('')
  return listed
}

/** The paths that are not the same in two listings, each with what it is in both. */
export function differences(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((path) => one.get(path) !== other.get(path))
    .map((path) => `${path}: ${one.get(path) ?? 'missing'} and ${other.get(path) ?? 'missing'}`)
}
