import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterEach, expect, test } from 'vitest'
import { ownVersion } from './own-manifest.ts'

let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

/** Starts the command as a process of its own; its exit code and stdout come when it has ended. */
function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const file = join(import.meta.dirname, 'main.ts')
  const started = spawn(process.execPath, ['--conditions=golden-arch-source', file, ...argv], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  child = started
  let stdout = ''
  started.stdout.on('data', (part: Buffer) => {
    stdout += part.toString()
  })
  const ended = once(started, 'close').then(([exitCode]) => ({ exitCode, stdout }))
  return { started, ended }
}

test('a process prints and ends with the exit code', async () => {
  expect(await start(['--version']).ended).toEqual({ exitCode: 0, stdout: `${await ownVersion()}\n` })
})

test('a signal ends a command that waits for a server, with an exit code of its own', async () => {
  const mute = createServer()
  const connected = once(mute, 'connection')
  await once(mute.listen(0, '127.0.0.1'), 'listening')
  const address = mute.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { started, ended } = start(['audit', 'verify', '--json'], {
    DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/x`,
  })
  const [socket] = await connected
  started.kill('SIGTERM')
  const { exitCode, stdout } = await ended
  expect(exitCode).toBe(130)
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 130, error: { code: 'ABORTED' } })
  socket.destroy()
  mute.close()
})

test.each([
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
] as const)(
  'what goes on after %s is ended by %s at once, with exit code %i',
  async (first, second, code) => {
    const folder = await temporaryFolder('signals')
    const config = join(folder.path, 'golden-arch.config.mjs')
    const endless = `for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => console.log('heard'))
    console.log('ready')
    await new Promise(() => setInterval(() => {}, 60_000))`
    await writeFile(config, endless)
    const { started, ended } = start(['migrate', 'status', '--config', config])
    for (const signal of [first, second]) {
      await once(started.stdout, 'data')
      started.kill(signal)
    }
    expect(await ended).toMatchObject({ exitCode: code })
    await folder.remove()
  },
)
