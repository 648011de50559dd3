import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PgDatabase } from './pg-database.ts'

/** A message of the protocol: its kind, its length, its content. */
function message(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length + 4)
  return Buffer.concat([Buffer.from(kind), length, content])
}

const AUTHENTICATED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const SHUT_DOWN = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
)

let server: Server
let pool: pg.Pool

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    // Greeting and farewell in one packet, as from a server that is killed just then.
    socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, SHUT_DOWN])))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  pool = new pg.Pool({ host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd', ssl: false })
})
afterEach(async () => {
  await pool.end()
  server.close()
})

it('a server that says farewell as it greets is unavailable, and ends no process', async () => {
  const database = new PgDatabase({ pool })
  const transaction = database.transaction((tx) => tx.query('SELECT 1'))
  await expect(transaction).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  expect(pool.totalCount).toBe(0)
})

it('it is so where other databases use the pool too, and for one statement', async () => {
  await expect(new PgDatabase({ pool }).query('SELECT 1')).rejects.toThrow()
  await expect(new PgDatabase({ pool }).query('SELECT 1')).rejects.toThrow()
  expect(pool.totalCount).toBe(0)
})
