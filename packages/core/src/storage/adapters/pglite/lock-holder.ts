import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../../../time/index.ts'

/** Who holds a folder, for the error that the others get. The lock itself never depends on it. */
export interface LockHolder {
  readonly pid: number
  readonly hostname: string
}

const HOLDER_FILE = 'holder.json'
const READ_ATTEMPTS = 20
const READ_DELAY_MS = 25

/** Notes this process as the holder. */
export async function writeHolder(folder: string): Promise<void> {
  const holder: LockHolder = { pid: process.pid, hostname: hostname() }
  const draft = join(folder, `${HOLDER_FILE}.new`)
  await writeFile(draft, `${JSON.stringify(holder)}\n`)
  await rename(draft, join(folder, HOLDER_FILE))
}

/** Takes the note away; its absence is no failure. */
export async function clearHolder(folder: string): Promise<void> {
  await rm(join(folder, HOLDER_FILE), { force: true })
}

/**
 * The holder noted in `folder`. A holder that has just taken over from a killed one needs a moment to write its note,
 * so a missing note, or one that names a dead process, is read again for up to half a second.
 */
export async function readHolder(folder: string): Promise<LockHolder | undefined> {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const holder = parseHolder(await readFile(join(folder, HOLDER_FILE), 'utf8').catch(() => ''))
    if (holder !== undefined && isAlive(holder)) return holder
    await sleep(READ_DELAY_MS)
  }
  return undefined
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('hostname' in value))
      return undefined
    const { pid, hostname: host } = value
    return typeof pid === 'number' && typeof host === 'string' ? { pid, hostname: host } : undefined
  } catch {
    return undefined
  }
}

/** Whether the process runs; of another machine's processes we cannot tell, and believe the note. */
function isAlive(holder: LockHolder): boolean {
  if (holder.hostname !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
