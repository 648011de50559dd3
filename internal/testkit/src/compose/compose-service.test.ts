import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TemporaryFolder } from '../isolation/temporary-folder.ts'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { startRedis } from '../services/start-redis.ts'
import { probeComposeEngine } from './compose-engine.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('docker')
  vi.stubEnv('PATH', `${folder.path}:/usr/bin:/bin`)
  vi.stubEnv('TESTKIT_WAYS', 'compose')
  vi.stubEnv('FAKE_DOCKER', folder.path)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await folder.remove()
})

function installDocker(script: string): void {
  const file = join(folder.path, 'docker')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

test('an engine that hangs is given up at the time limit', async () => {
  installDocker('exec sleep 600')
  await expect(probeComposeEngine(200)).rejects.toThrow('gave no answer within 200 ms')
})

test('a client without an engine is no engine', async () => {
  installDocker('[ "$1" = compose ] || { echo cannot connect >&2; exit 1; }')
  await expect(probeComposeEngine()).rejects.toThrow('docker version ended with exit code 1: cannot connect')
})

test('a service is a project of its own, answers at one address over a kill, and is removed with its volumes', async () => {
  installDocker(`exec "${process.execPath}" "${join(import.meta.dirname, 'fake-docker.fixture.ts')}" "$@"`)
  const service = await startRedis()
  expect(service).toMatchObject({ how: 'compose', version: '7.4.0' })
  await service.kill()
  await service.restart()
  await service.stop()
  const calls = readFileSync(join(folder.path, 'calls'), 'utf8').trim().split('\n')
  const project = /--project-name (golden-arch-test_\w+) --file \S+compose\.yaml up --detach redis/.exec(
    calls.join('\n'),
  )?.[1]
  const prefix = new RegExp(`^compose --project-name ${project} (--file \\S+ )?`)
  expect(calls.filter((call) => prefix.test(call)).map((call) => call.replace(prefix, ''))).toEqual([
    'up --detach redis',
    'kill --signal SIGKILL redis',
    'stop --timeout 10 redis',
    'start redis',
    'down --volumes --timeout 5',
  ])
})
