import { InvalidOptionError } from '@golden-arch/core/errors'

/** A host, or all names below one, and a port that may be reached. */
export interface AllowedHost {
  /** In lower case; without `*.` where all names below it are meant. */
  readonly name: string
  readonly includesBelow: boolean
  readonly port: number
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/** Two labels at least, the last of them no number: what looks like an address never is a name. */
const HOST_NAME = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`)
const ENTRY = /^(\*\.)?([^:*]+):(\d{1,5})$/
const RULE = 'a host name of two labels at least, or one after `*.`, and a port, such as api.example.com:443'

/**
 * Reads the entries of an allow-list.
 * @throws InvalidOptionError `INVALID_OPTION` for an entry that is none, also for an address in place of a name.
 */
export function parseAllowList(option: string, entries: readonly string[]): readonly AllowedHost[] {
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > 256) {
    throw new InvalidOptionError(option, '1 to 256 entries', entries)
  }
  return entries.map((entry) => {
    const [, below, name = '', digits] = ENTRY.exec(String(entry)) ?? []
    const port = Number(digits)
    if (!HOST_NAME.test(name) || !(port >= 1 && port <= 65_535)) {
      throw new InvalidOptionError(option, RULE, entry)
    }
    return { name, includesBelow: below !== undefined, port }
  })
}

/** Whether a host, as a program wrote it, may be reached at a port. What is no plain host name never is. */
export function isAllowedHost(allowed: readonly AllowedHost[], host: string, port: number): boolean {
  const name = host.toLowerCase()
  if (!HOST_NAME.test(name)) return false
  return allowed.some(
    (each) =>
      each.port === port && (each.includesBelow ? name.endsWith(`.${each.name}`) : name === each.name),
  )
}
