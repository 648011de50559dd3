import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What we read of our own package.json. */
export interface OwnManifest {
  readonly version: string
  /** The client packages and the versions of them that the commands work with. */
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** Our own package.json, which lies one folder above the sources as well as above what is built of them. */
export async function ownManifest(): Promise<OwnManifest> {
  return JSON.parse(await readFile(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
}

/** The version of this package. */
export async function ownVersion(): Promise<string> {
  return (await ownManifest()).version
}
