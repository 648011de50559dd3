import { expect, test } from 'vitest'
import { SandboxError } from './sandbox-error.ts'

test.each([
  [
    SandboxError.requestInvalid('code', 'text'),
    'SANDBOX_REQUEST_INVALID',
    'request field code must be text',
    { field: 'code', rule: 'text' },
  ],
  [
    SandboxError.isolationUnavailable('gvisor', 'wasm', 'quickjs'),
    'SANDBOX_ISOLATION_UNAVAILABLE',
    'isolation gvisor or stronger was asked for, backend quickjs gives wasm',
    { required: 'gvisor', available: 'wasm', backend: 'quickjs' },
  ],
  [SandboxError.closed('the executor'), 'SANDBOX_CLOSED', 'the executor is closed', {}],
  [
    SandboxError.sessionEnded('idle'),
    'SANDBOX_SESSION_ENDED',
    'the session has ended: idle',
    { end: 'idle' },
  ],
])('%s: asking again is no use', (error, code, message, details) => {
  expect(error).toMatchObject({ code, message, retryable: false })
  expect(error.details).toEqual(details)
})

test.each([
  [
    SandboxError.rateLimited('developer', 30),
    'SANDBOX_RATE_LIMITED',
    'role developer may execute again in 30 ms',
    { role: 'developer', retryAfterMs: 30 },
  ],
  [
    SandboxError.queueFull(100, 70),
    'SANDBOX_QUEUE_FULL',
    '100 executions already wait',
    { maxQueueLength: 100, retryAfterMs: 70 },
  ],
  [SandboxError.queueTimeout(500), 'SANDBOX_QUEUE_TIMEOUT', 'no turn within 500 ms', { maxQueueWaitMs: 500 }],
  [SandboxError.sessionsFull(8), 'SANDBOX_SESSIONS_FULL', '8 sessions are open already', { maxSessions: 8 }],
  [SandboxError.sessionBusy(), 'SANDBOX_SESSION_BUSY', 'another step of the session runs', {}],
  [SandboxError.infra('the backend failed'), 'SANDBOX_INFRA', 'the backend failed', {}],
])('%s: asking again is', (error, code, message, details) => {
  expect(error).toMatchObject({ code, message, retryable: true })
  expect(error.details).toEqual(details)
})
