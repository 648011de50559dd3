import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { fetchDebianPrograms } from '../programs/debian-packages.ts'
import { findInstalledPrograms } from '../programs/installed-programs.ts'
import { askRedisVersion } from '../services/redis-recipe.ts'
import { describeWithService } from '../vitest/describe-with-service.ts'
import { startPrivateServer } from './private-server.ts'

describeWithService('redis', 'the process that started a server is killed', () => {
  test('and the server and its folder go with it', async () => {
    const programs = await findInstalledPrograms('redis').catch(() => fetchDebianPrograms('redis'))
    const folder = await temporaryFolder('testkit-tmp')
    await chmod(folder.path, 0o711)
    const fixture = join(import.meta.dirname, 'held-server.fixture.ts')
    const parent = spawn(process.execPath, [fixture, programs.folder, programs.libraryPath ?? ''], {
      env: { ...process.env, TMPDIR: folder.path },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(parent.stdout, 'data')
    const address = String(line).trim()
    await askRedisVersion(address)
    expect(readdirSync(folder.path)).not.toEqual([])
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(readdirSync(folder.path)).toEqual([]), { timeout: 15_000 })
    await expect(askRedisVersion(address)).rejects.toThrow('ECONNREFUSED')
    await folder.remove()
  })
})

describe('a server that cannot start', () => {
  const recipe = {
    name: 'broken',
    file: '/bin/sh',
    argumentsFor: () => ['-c', 'echo the data folder is damaged; exit 4'],
    askVersion: () => Promise.reject(new Error('not ready')),
  }

  test('is an error with the end of its log, and leaves no folder', async () => {
    const folder = await temporaryFolder('testkit-tmp')
    await chmod(folder.path, 0o711)
    vi.stubEnv('TMPDIR', folder.path)
    const starting = startPrivateServer(recipe)
    await expect(starting).rejects.toThrow('broken ended with exit code 4: the data folder is damaged')
    vi.unstubAllEnvs()
    expect(readdirSync(folder.path).filter((name) => name.startsWith('golden-arch-'))).toEqual([])
    await folder.remove()
  })

  test('finds another port when its own was taken in the meantime', async () => {
    const ports: number[] = []
    const starting = startPrivateServer({
      ...recipe,
      argumentsFor: (_folder, port) => {
        ports.push(port)
        return [
          '-c',
          ports.length < 3 ? 'echo Address already in use; exit 1' : 'echo something else; exit 1',
        ]
      },
    })
    await expect(starting).rejects.toThrow('something else')
    expect(ports).toHaveLength(3)
  })
})
