import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes secrets as Kubernetes mounts them: a folder for each, a file for each of its keys, for one group to read. */
export function writeSecrets(
  folder: string,
  group: number,
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): void {
  for (const [name, keys] of Object.entries(secrets)) {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    for (const [key, value] of Object.entries(keys)) {
      const file = join(own, key)
      writeFileSync(file, value, { mode: 0o440 })
      chownSync(file, 0, group)
    }
  }
}
