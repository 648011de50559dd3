import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { isAcceptable } from '../programs/program-version.ts'
import { describeWithService } from '../vitest/describe-with-service.ts'
import { askPrometheusVersion } from './find-prometheus.ts'
import { startPrometheus } from './start-prometheus.ts'

const FILES = {
  'prometheus.yaml': 'global: { evaluation_interval: 1s }\nrule_files: [rules.yaml]\n',
  'rules.yaml': 'groups: [{ name: one, rules: [{ record: one, expr: vector(1) }] }]\n',
}

describeWithService('prometheus', 'a Prometheus of our own', (address) => {
  test('its programs lie beside one another and are new enough', async () => {
    for (const name of ['promtool', 'amtool'])
      expect(existsSync(join(dirname(fileURLToPath(address)), name))).toBe(true)
    expect(isAcceptable('prometheus', await askPrometheusVersion(address))).toBe(true)
  })

  test('it works by the files that it was given', async () => {
    const prometheus = await startPrometheus(address, FILES)
    try {
      const ask = async (): Promise<unknown> =>
        await (await fetch(`${prometheus.url}/api/v1/query?query=one`)).json()
      const one = { data: { result: [{ value: [expect.anything(), '1'] }] } }
      await expect.poll(ask, { timeout: 110_000 }).toMatchObject(one)
    } finally {
      await prometheus.stop()
    }
  })

  test('stopping it leaves no folder, and stopping it again does nothing', async () => {
    const folder = await temporaryFolder('prometheus')
    vi.stubEnv('TMPDIR', folder.path)
    try {
      const prometheus = await startPrometheus(address, FILES)
      await prometheus.stop()
      await prometheus.stop()
      expect(readdirSync(folder.path).filter((name) => name.startsWith('golden-arch-'))).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      await folder.remove()
    }
  })

  test('a configuration that it does not understand is told', async () => {
    const starting = startPrometheus(address, { 'prometheus.yaml': 'no_such_key: 1\n' })
    await expect(starting).rejects.toThrow('no_such_key')
  })
})
