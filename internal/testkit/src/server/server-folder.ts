import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ServerUser } from './unprivileged-user.ts'
import { unprivilegedUser } from './unprivileged-user.ts'
import { startWatchdog } from './watchdog.ts'

/** Asks the recorded process to end, gives it 5 seconds, ends it, undoes its mounts in the folder, and removes that. */
const CLEAN_UP = `
pid=$(cat "$1/pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -INT "$pid" 2>/dev/null
  turn=0
  while [ "$turn" -lt 50 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; turn=$((turn + 1)); done
  kill -KILL "$pid" 2>/dev/null
fi
grep -F " $1/" /proc/mounts 2>/dev/null | cut -d ' ' -f 2 | sort -r | while read -r mount; do umount -l "$mount"; done
rm -rf "$1" || { sleep 1; rm -rf "$1"; }`

/** A temporary folder for one server, which goes, together with the server, when this process ends in any way. */
export interface ServerFolder {
  /** Ours: for configuration and log. */
  readonly path: string
  /** The server's own: for its data. */
  readonly dataPath: string
  readonly logPath: string
  readonly user: ServerUser | undefined
  /** Names the process that must not outlive this one; undefined when there is none now. */
  recordProcess(pid: number | undefined): void
  /** Writes a file that only the server's user and we can read. */
  writePrivateFile(name: string, text: string): string
  /** Ends the recorded process, if any, and removes the folder. */
  remove(): Promise<void>
}

/** Makes the folder for a server, owned by the user that the server will run as. */
export function createServerFolder(name: string): ServerFolder {
  const user = unprivilegedUser()
  const path = mkdtempSync(join(temporaryRoot(user), `golden-arch-${name}-`))
  const watchdog = startWatchdog(CLEAN_UP, [path])
  const give = (file: string): void => {
    if (user !== undefined) chownSync(file, user.uid, user.gid)
  }
  const dataPath = join(path, 'data')
  mkdirSync(dataPath, { mode: 0o700 })
  give(dataPath)
  if (user !== undefined) chmodSync(path, 0o711)
  return {
    path,
    dataPath,
    logPath: join(path, 'log'),
    user,
    recordProcess(pid) {
      if (pid === undefined) rmSync(join(path, 'pid'), { force: true })
      else writeFileSync(join(path, 'pid'), `${pid}\n`)
    },
    writePrivateFile(file, text) {
      const whole = join(path, file)
      writeFileSync(whole, text, { mode: 0o600 })
      give(whole)
      return whole
    },
    remove: () => watchdog.release(),
  }
}

/** The machine's folder for temporary files; `/tmp` where another user could not pass through to it. */
function temporaryRoot(user: ServerUser | undefined): string {
  const root = tmpdir()
  if (user === undefined || othersCanReach(root)) return root
  accessSync('/tmp', constants.W_OK)
  return '/tmp'
}

/** Whether a user who owns none of its folders can pass through to `path`. */
export function othersCanReach(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
