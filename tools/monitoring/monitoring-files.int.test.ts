import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describeWithService } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { MONITORING_FOLDER, readAlerts } from './rule-file.ts'

const execute = promisify(execFile)
const ROOT = join(MONITORING_FOLDER, '..', '..')
/** What anything here may take on a machine that does much else. */
const SLOW_MS = 300_000

function read<T>(...path: readonly string[]): T {
  // Each test says what it expects of what it reads.
  return parse(readFileSync(join(ROOT, ...path), 'utf8')) as T
}

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly profiles: readonly string[]; readonly image: string; readonly volumes: readonly string[] }
    >
  >
  readonly volumes: Readonly<Record<string, unknown>>
}

it('the profile monitoring has pinned images, mounts what is there, and is on loopback alone', () => {
  const { services, volumes } = read<Compose>('compose.yaml')
  const watching = Object.entries(services).filter(([, { profiles }]) => profiles.includes('monitoring'))
  expect(watching.map(([name]) => name)).toEqual(['prometheus', 'alertmanager', 'grafana', 'otel-collector'])
  for (const [name, service] of watching) {
    expect(service.image, name).toMatch(/^[a-z-]+\/[a-z-]+:v?\d+\.\d+\.\d+$/)
    expect(service, name).toMatchObject({ profiles: ['monitoring'] })
    for (const mount of service.volumes) {
      const [from = ''] = mount.split(':')
      expect(from.startsWith('./') ? existsSync(join(ROOT, from)) : from in volumes, mount).toBe(true)
    }
    expect(JSON.stringify(service).match(/"\d[\d.]*:\d+:\d+"/g), name).toSatisfy((ports: readonly string[]) =>
      ports.every((port) => port.startsWith('"127.0.0.1:')),
    )
  }
})

it('the services of tests start for tests alone', () => {
  const { services } = read<Compose>('compose.yaml')
  for (const name of ['postgres', 'redis', 'nats']) expect(services[name]?.profiles).toEqual(['services'])
})

it('the collector uses what it declares, and bounds its memory before all else', () => {
  interface Pipeline {
    readonly receivers: readonly string[]
    readonly processors: readonly string[]
    readonly exporters: readonly string[]
  }
  interface Collector {
    readonly receivers: object
    readonly processors: object
    readonly exporters: object
    readonly extensions: object
    readonly service: {
      readonly extensions: readonly string[]
      readonly pipelines: Readonly<Record<string, Pipeline>>
    }
  }
  const collector = read<Collector>('k8s', 'monitoring', 'otel', 'collector.yaml')
  const { extensions, pipelines } = collector.service
  expect(Object.keys(collector.extensions)).toEqual(extensions)
  expect(Object.keys(pipelines)).toEqual(['traces', 'metrics', 'logs'])
  for (const pipeline of Object.values(pipelines)) {
    for (const kind of ['receivers', 'processors', 'exporters'] as const)
      expect(Object.keys(collector[kind])).toEqual(expect.arrayContaining([...pipeline[kind]]))
    expect(pipeline.processors[0]).toBe('memory_limiter')
  }
})

it('Grafana finds its dashboards where Compose puts them', () => {
  const { providers } = read<{ providers: readonly { options: { path: string } }[] }>(
    ...['k8s', 'monitoring', 'grafana', 'provisioning', 'dashboards', 'golden-architecture.yaml'],
  )
  const mounts = read<Compose>('compose.yaml').services.grafana?.volumes
  expect(mounts).toContain(`./k8s/monitoring/grafana/dashboards:${providers[0]?.options.path}:ro`)
})

describeWithService('prometheus', 'Prometheus, Alertmanager and their files', (address) => {
  const run = async (program: string, ...args: readonly string[]): Promise<string> => {
    const file = join(dirname(fileURLToPath(address)), program)
    const { stdout, stderr } = await execute(file, [...args], { timeout: SLOW_MS })
    return stdout + stderr
  }
  const routing = join(MONITORING_FOLDER, 'alertmanager', 'alertmanager.yaml')

  it(
    'the configuration of Prometheus is good, and it scrapes every 30 seconds',
    async () => {
      const file = join(MONITORING_FOLDER, 'prometheus', 'prometheus.yaml')
      expect(await run('promtool', 'check', 'config', file)).toContain(
        'is valid prometheus config file syntax',
      )
      expect(read('k8s', 'monitoring', 'prometheus', 'prometheus.yaml')).toMatchObject({
        global: { scrape_interval: '30s', external_labels: { runbooks: expect.stringMatching(/runbooks$/) } },
      })
    },
    SLOW_MS,
  )

  it(
    'the configuration of Alertmanager is good',
    async () => {
      expect(await run('amtool', 'check-config', routing)).toContain('SUCCESS')
    },
    SLOW_MS,
  )

  it.each([
    ['page', 'on-call'],
    ['ticket', 'tickets'],
  ])(
    'an alert of the severity %s is told to %s',
    async (severity, receiver) => {
      const told = await run(
        'amtool',
        'config',
        'routes',
        'test',
        `--config.file=${routing}`,
        `severity=${severity}`,
      )
      expect(told).toMatch(new RegExp(`^${receiver}$`, 'm'))
    },
    SLOW_MS,
  )

  it('what hides other alerts and what is hidden are alerts that there are', () => {
    const { inhibit_rules: rules } = read<{ inhibit_rules: readonly Record<string, readonly string[]>[] }>(
      ...['k8s', 'monitoring', 'alertmanager', 'alertmanager.yaml'],
    )
    const matchers = rules.flatMap(({ source_matchers = [], target_matchers = [] }) => [
      ...source_matchers,
      ...target_matchers,
    ])
    const named = matchers.flatMap((matcher) => /^alertname=~?(.+)$/.exec(matcher)?.[1]?.split('|') ?? [])
    expect(named.length).toBeGreaterThan(0)
    expect(readAlerts().map(({ alert }) => alert)).toEqual(expect.arrayContaining(named))
  })
})
