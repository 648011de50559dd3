import { describe, inject, test } from 'vitest'
import type { ServiceName } from '../service.ts'
import { missingMark } from './missing-mark.ts'
import type {} from './provided-services.ts'

/** Stands in for the address while the tests of a skipped suite are counted. */
const NO_ADDRESS: Readonly<Record<ServiceName, string>> = {
  postgres: 'postgres://missing.invalid/none',
  redis: 'redis://missing.invalid',
  nats: 'nats://missing.invalid',
  docker: 'unix:///missing.invalid/docker.sock',
  bubblewrap: 'file:///missing.invalid/bwrap',
  chromium: 'file:///missing.invalid/chromium',
  prometheus: 'file:///missing.invalid/prometheus',
}

/**
 * A suite that needs a real server. `define` is called while tests are collected, with the address of the server that
 * was started for the run; use a schema, key prefix or stream of your own on it. Where there is no such server the suite
 * is skipped and named with the reason at the end of the run, and under CI (`CI=true`) it is a failing test.
 *
 * Give the name as a literal: servers are started for the names found in the text of the selected test files.
 */
export function describeWithService(
  name: ServiceName,
  title: string,
  define: (address: string) => void,
): void {
  const answer = inject('services')[name]
  if (answer.state === 'not asked') {
    throw new Error(
      `${name} was not started: name it as a literal, in a test file or one it imports by a relative path`,
    )
  }
  if (answer.state === 'running') return void describe(title, () => define(answer.address))
  if (process.env.CI === 'true') {
    return void describe(title, () => {
      test(`${name} is there`, () => {
        throw new Error(answer.reason)
      })
    })
  }
  describe.skip(`${title}${missingMark(name)}`, () => define(NO_ADDRESS[name]))
}
