import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CONFIG = join(import.meta.dirname, 'fixtures/vitest.config.ts')
const VITEST = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs')

/** Runs vitest on one fixture, where no way to a service is allowed. */
function runVitest(
  fixture: string,
  environment: Record<string, string>,
): {
  code: number | null
  lines: string[]
  errors: string
} {
  const { PATH, HOME, TMPDIR } = process.env
  const run = spawnSync(process.execPath, [VITEST, 'run', '--config', CONFIG, fixture], {
    env: { PATH, HOME, TMPDIR, NO_COLOR: '1', TESTKIT_WAYS: 'environment', ...environment },
    encoding: 'utf8',
    timeout: 25_000,
  })
  return { code: run.status, lines: run.stdout.trimEnd().split('\n'), errors: run.stderr }
}

test('on a laptop a suite without its service is skipped, and named with the reason before the last line', () => {
  const { code, lines } = runVitest('missing-service', {})
  expect(lines.slice(-3)).toEqual([
    'Skipped 1 suite: no nats: no way is allowed',
    '  missing-service.fixture.ts > a suite on NATS',
    '1 passed, 0 failed, 2 skipped',
  ])
  expect(code).toBe(0)
})

test('under CI a suite without its service is a failing test that names the reason', () => {
  const { code, lines, errors } = runVitest('missing-service', { CI: 'true' })
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped')
  expect(errors).toContain('a suite on NATS > nats is there\nError: no nats: no way is allowed')
  expect(code).toBe(1)
})

test('a hook that fails counts as a failure beside the tests', () => {
  const { code, lines } = runVitest('failing', {})
  expect(lines.at(-1)).toBe('1 passed, 2 failed, 2 skipped')
  expect(code).toBe(1)
})
