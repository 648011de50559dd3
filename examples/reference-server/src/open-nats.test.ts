import { expect, it } from 'vitest'
import { natsOptions } from './open-nats.ts'

it.each([
  ['nats://localhost:4222', { servers: ['localhost:4222'] }],
  ['nats://a:4222, nats://b:4223', { servers: ['a:4222', 'b:4223'] }],
  ['nats://ada:p%40ss@a:4222', { servers: ['a:4222'], user: 'ada', pass: 'p@ss' }],
  ['nats://t0ken@a:4222', { servers: ['a:4222'], token: 't0ken' }],
  ['tls://a:4222,tls://b:4222', { servers: ['a:4222', 'b:4222'], tls: {} }],
  ['nats://[::1]:4222', { servers: ['[::1]:4222'] }],
])('%s is where NATS is', (url, options) => {
  expect(natsOptions({ url })).toEqual(options)
})

it('credentials of a file go before all else', () => {
  expect(natsOptions({ url: 'nats://a', credentials: 'JWT and seed' }).authenticator).toBeTypeOf('function')
})
