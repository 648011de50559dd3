import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { SLOW_START_MS } from './testing/assembled-server.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

it(
  'npm start ends its server when it is told to end itself, and npm run users finds the database of that server',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'npm-start-'))
    // A group of its own, so that nothing outlives a test that fails.
    const env = { ...process.env, PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent' }
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      detached: true,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(async () => {
      if (npm.pid !== undefined) endGroup(npm.pid)
      await rm(folder, { recursive: true, force: true })
    })
    const ended = once(npm, 'exit')
    let said = ''
    for await (const chunk of npm.stdout) {
      said += String(chunk)
      if (said.includes('Next: ')) break
    }
    const [, address = ''] = /listens on (\S+)/.exec(said) ?? []
    expect((await fetch(`${address}/health/live`)).status).toBe(200)
    npm.kill('SIGTERM')
    await ended
    await expect(fetch(`${address}/health/live`)).rejects.toThrow('fetch failed')
    const users = await promisify(execFile)('npm', ['run', '--silent', 'users', '--', 'list'], {
      cwd: ROOT,
      env,
    })
    expect(users.stdout).toMatch(/^admin {2}admin of default {2}enabled/)
  },
  SLOW_START_MS,
)

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}
