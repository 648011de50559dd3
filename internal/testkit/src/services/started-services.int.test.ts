import { readdirSync, readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { cacheFolder } from '../programs/cache-folder.ts'
import { isAcceptable } from '../programs/program-version.ts'
import type { StartedService } from '../service.ts'
import { describeWithService } from '../vitest/describe-with-service.ts'
import { askNatsVersion } from './nats-recipe.ts'
import { askPostgresVersion } from './postgres-recipe.ts'
import { askRedisVersion } from './redis-recipe.ts'
import { startNats } from './start-nats.ts'
import { startPostgres } from './start-postgres.ts'
import { startRedis } from './start-redis.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function started(starting: Promise<StartedService>): Promise<StartedService> {
  const service = await starting
  cleanUps.push(service.stop)
  return service
}

/** Starts a service that finds its temporary folder in a folder of our own, so that what it leaves can be seen. */
async function startedInside(start: () => Promise<StartedService>): Promise<[StartedService, string]> {
  const folder = await temporaryFolder('testkit-tmp')
  cleanUps.push(folder.remove)
  await chmod(folder.path, 0o711)
  vi.stubEnv('TESTKIT_CACHE', cacheFolder())
  vi.stubEnv('TMPDIR', folder.path)
  vi.stubEnv('TESTKIT_WAYS', 'installed,debian,npm')
  return [await started(start()), folder.path]
}

function recordedPid(folder: string): number {
  const [name] = readdirSync(folder).filter((each) => each.startsWith('golden-arch-'))
  return Number(readFileSync(join(folder, name ?? '', 'pid'), 'utf8'))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describeWithService('postgres', 'a PostgreSQL of our own', () => {
  const select = async (address: string, sql: string): Promise<readonly unknown[]> => {
    const client = new pg.Client({ connectionString: address })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  test('a committed row is there after a kill and a restart, at the same address', async () => {
    const service = await started(startPostgres())
    expect(isAcceptable('postgres', service.version)).toBe(true)
    await select(service.address, 'CREATE TABLE kept AS SELECT 7 AS number')
    await service.kill()
    await expect(askPostgresVersion(service.address)).rejects.toThrow('ECONNREFUSED')
    await service.restart()
    expect(await select(service.address, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
  })

  test('it waits for the disk when told so, and needs its password', async () => {
    const service = await started(startPostgres({ fsync: true }))
    expect(await select(service.address, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
    await expect(askPostgresVersion(service.address.replace(/:[^:@]+@/, ':wrong@'))).rejects.toThrow(
      'password',
    )
  })

  test('stopping it leaves no process and no folder, and stopping it again does nothing', async () => {
    const [service, folder] = await startedInside(startPostgres)
    const pid = recordedPid(folder)
    expect(isAlive(pid)).toBe(true)
    await service.stop()
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.startsWith('golden-arch-postgres'))).toEqual([])
    await service.stop()
    await expect(service.restart()).rejects.toThrow('was stopped')
  })
})

describeWithService('redis', 'a Redis of our own', () => {
  test('what it answered is there after a kill and a restart, at the same address', async () => {
    const service = await started(startRedis())
    expect(isAcceptable('redis', service.version)).toBe(true)
    const write = new Redis(service.address)
    await write.set('kept', 'yes')
    write.disconnect()
    await service.kill()
    await expect(askRedisVersion(service.address)).rejects.toThrow('ECONNREFUSED')
    await service.restart()
    const read = new Redis(service.address)
    expect(await read.get('kept')).toBe('yes')
    read.disconnect()
  })

  test('it waits for the disk when told so, and for a second otherwise', async () => {
    for (const [fsync, setting] of [
      [true, 'always'],
      [false, 'everysec'],
    ] as const) {
      const client = new Redis((await started(startRedis({ fsync }))).address)
      expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', setting])
      client.disconnect()
    }
  })

  test('stopping it leaves no process and no folder', async () => {
    const [service, folder] = await startedInside(startRedis)
    const pid = recordedPid(folder)
    await service.stop()
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.startsWith('golden-arch-redis'))).toEqual([])
  })
})

describeWithService('nats', 'a NATS server of our own', () => {
  test('JetStream keeps acknowledged messages over a kill and a restart, at the same address', async () => {
    const service = await started(startNats())
    expect(isAcceptable('nats', service.version)).toBe(true)
    const before = await connect({ servers: service.address })
    await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept.>'] })
    for (const word of ['one', 'two', 'three']) await jetstream(before).publish(`kept.${word}`, word)
    await before.close()
    await service.kill()
    await expect(askNatsVersion(service.address)).rejects.toThrow('ECONNREFUSED')
    await service.restart()
    const after = await connect({ servers: service.address })
    const info = await (await jetstreamManager(after)).streams.info('KEPT')
    await after.close()
    expect(info.state.messages).toBe(3)
  })

  test('it runs on a configuration that waits for the disk when told so', async () => {
    const [, folder] = await startedInside(() => startNats({ fsync: true }))
    const [name = ''] = readdirSync(folder).filter((each) => each.startsWith('golden-arch-nats'))
    expect(readFileSync(join(folder, name, 'nats.conf'), 'utf8')).toContain('sync_interval: always')
  })

  test('stopping it leaves no process and no folder', async () => {
    const [service, folder] = await startedInside(startNats)
    const pid = recordedPid(folder)
    await service.stop()
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.startsWith('golden-arch-nats'))).toEqual([])
  })
})
