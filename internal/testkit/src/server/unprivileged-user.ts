import { readFileSync } from 'node:fs'

/** Whom a server runs as. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/**
 * Whom servers run as when we are root: `nobody`, who owns no files on the machine. PostgreSQL refuses to run as root,
 * and needs a user that has a name. Undefined when we are not root: servers then run as ourselves.
 */
export function unprivilegedUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  if (entry === null) throw new Error('running as root, and there is no user nobody to run servers as')
  return { uid: Number(entry[1]), gid: Number(entry[2]) }
}
