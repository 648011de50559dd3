import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../internal/testkit/src/server/run-command.ts'

const ROOT = join(import.meta.dirname, '../..')
const ASK_LIMIT_MS = 30_000
const SECRETS = ['npmrc', 'authorities'] as const

/** Writes what npm here is told of its registry into files for a build: where it is, and whom it is believed by. */
export async function registrySecrets(folder: string): Promise<Readonly<Record<string, string>>> {
  mkdirSync(folder, { recursive: true })
  const ask = async (name: string): Promise<string> => {
    const said = await runCommand('npm', ['config', 'get', name], { cwd: ROOT, timeLimitMs: ASK_LIMIT_MS })
    return said.trim()
  }
  const lines = [`registry=${await ask('registry')}`]
  const proxies = await Promise.all(
    ['proxy', 'https-proxy'].map(async (name) => [name, await ask(name)] as const),
  )
  for (const [name, value] of proxies)
    if (value !== 'null' && value !== 'undefined') lines.push(`${name}=${value}`)
  const authorities = await ask('cafile')
  const hasAuthorities = existsSync(authorities)
  if (hasAuthorities) lines.push('cafile=/run/secrets/authorities')
  const files = {
    npmrc: `${lines.join('\n')}\n`,
    authorities: hasAuthorities ? readFileSync(authorities, 'utf8') : '',
  }
  for (const name of SECRETS) writeFileSync(join(folder, name), files[name], { mode: 0o600 })
  return Object.fromEntries(SECRETS.map((name) => [name, join(folder, name)]))
}
