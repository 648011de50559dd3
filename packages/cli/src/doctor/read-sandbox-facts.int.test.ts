import { describeWithService } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { readSandboxFacts } from './read-sandbox-facts.ts'

describeWithService('docker', 'what a machine with Docker has', (address) => {
  test('the version of the engine, and the ways in which it runs programs', async () => {
    const { docker } = await readSandboxFacts({ DOCKER_HOST: ` ${address} ` })
    expect(docker).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      runtimes: expect.arrayContaining(['runc', 'runsc']),
    })
  })
})
