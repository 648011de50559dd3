import { createServer } from 'node:net'
import { StorageError } from '@golden-arch/core/storage'
import { expect, it } from 'vitest'
import { startFailure } from './start-failure.ts'

it('says what to do where a port is taken', async () => {
  const first = createServer()
  await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve))
  const failure = await new Promise<Error>((resolve) =>
    createServer().once('error', resolve).listen(first.address()),
  )
  expect(startFailure(failure)).toMatch(/EADDRINUSE.*Set PORT/)
  await new Promise((resolve) => first.close(resolve))
})

it.each([
  [StorageError.of('DATABASE_LOCKED', 'the folder /data is in use', {}), /\/data is in use.*DATA_DIR/],
  [StorageError.of('DATABASE_UNAVAILABLE', 'no connection', {}), /DATABASE_URL: no connection/],
  [new Error('something else'), /^something else$/],
  ['not an error', /^not an error$/],
])('tells of %s what is known', (error, text) => {
  expect(startFailure(error)).toMatch(text)
})
