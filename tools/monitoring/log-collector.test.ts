import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { createServerLog } from '../../examples/reference-server/src/server-log.ts'
import { at, listAt, type Tree, textAt, textsAt, treeAt } from '../kubernetes/manifests/manifest.ts'
import { KUBERNETES_FOLDER, readResources } from '../kubernetes/manifests/read-manifests.ts'

const FOLDER = join(KUBERNETES_FOLDER, 'components/logs')
const TEXT = readFileSync(join(FOLDER, 'collector.yaml'), 'utf8')
// It is looked into below, place by place.
const COLLECTOR = parse(TEXT) as Tree
const RESOURCES = readResources(FOLDER)
const POD = treeAt(
  RESOURCES.find(({ kind }) => kind === 'DaemonSet'),
  'spec.template.spec',
)
const [CONTAINER] = listAt(POD, 'containers')
const RECEIVER = treeAt(COLLECTOR, 'receivers.filelog')

function operator(type: string): Tree {
  return listAt(RECEIVER, 'operators').find((each) => each.type === type) ?? {}
}

/** A line as the server writes it. */
function line(level: 'debug' | 'info' | 'warn' | 'error'): { readonly text: string; readonly fields: Tree } {
  const lines: string[] = []
  const place = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  const log = createServerLog('debug', [], { write: (text) => void lines.push(text) }, () => place)
  log[level]({ taskId: 't-1', tenantId: 'acme', requestId: 'r-1' }, 'it\nhappened')
  const text = (lines[0] ?? '').trimEnd()
  return { text, fields: JSON.parse(text) }
}

it('the collector of logs uses what it declares, with a bound of memory first and nothing that holds lines in it', () => {
  const pipeline = treeAt(COLLECTOR, 'service.pipelines.logs')
  for (const kind of ['receivers', 'processors', 'exporters'])
    expect(textsAt(pipeline, kind)).toEqual(Object.keys(treeAt(COLLECTOR, kind)))
  expect(textsAt(COLLECTOR, 'service.extensions')).toEqual(Object.keys(treeAt(COLLECTOR, 'extensions')))
  expect(textsAt(pipeline, 'processors')[0]).toBe('memory_limiter')
  expect(textsAt(pipeline, 'processors')).not.toContain('batch')
})

it('it reads the logs of one namespace, where the pod has them, and nothing is ever given up', () => {
  const mounts = listAt(CONTAINER, 'volumeMounts').map(({ mountPath }) => mountPath)
  const [path = '', ...others] = textsAt(RECEIVER, 'include')
  expect(others).toEqual([])
  expect(path).toBe('/var/log/pods/golden-architecture_*/*/*.log')
  expect(mounts).toContain('/var/log/pods')
  expect(mounts).toContain(textAt(COLLECTOR, 'extensions.file_storage.directory'))
  expect(textsAt(CONTAINER, 'args')).toEqual(['--config=/etc/log-collector/collector.yaml'])
  expect(mounts).toContain('/etc/log-collector')
  for (const retry of ['receivers.filelog', 'exporters.otlphttp'])
    expect(at(COLLECTOR, `${retry}.retry_on_failure`)).toEqual({ enabled: true, max_elapsed_time: '0s' })
  expect(at(COLLECTOR, 'exporters.otlphttp.sending_queue')).toMatchObject({
    storage: 'file_storage',
    queue_size: 100,
  })
  expect(RECEIVER.storage).toBe('file_storage')
})

it('it is told what it asks its environment for, and may reach the port that it sends to', () => {
  const told = new Map(listAt(CONTAINER, 'env').map((each) => [textAt(each, 'name'), textAt(each, 'value')]))
  const asked = [...TEXT.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name)
  expect(asked.sort()).toEqual(['LOGS_ENDPOINT', 'NODE_NAME'])
  for (const name of asked) expect(told.has(name), name).toBe(true)
  const { port } = new URL(told.get('LOGS_ENDPOINT') ?? '')
  const policy = RESOURCES.find(({ metadata }) => metadata.name === 'log-collector-to-receiver')
  const [edge] = listAt(policy, 'spec.egress')
  expect(listAt(edge, 'ports')).toEqual([{ protocol: 'TCP', port: Number(port) }])
  const [health] = listAt(CONTAINER, 'ports')
  expect(textAt(COLLECTOR, 'extensions.health_check.endpoint')).toBe(
    `0.0.0.0:${textAt(health, 'containerPort')}`,
  )
})

it('it keeps the fields of a line, and takes its time, level, trace and words from where the server writes them', () => {
  const parser = operator('json_parser')
  const [, pattern = ''] = /^body matches "(.*)"$/.exec(textAt(parser, 'if')) ?? []
  const mapping = treeAt(parser, 'severity.mapping')
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const { text, fields } = line(level)
    // In YAML and in the collector's expressions each backslash is written twice.
    expect(text).toMatch(new RegExp(pattern.replaceAll('\\\\', '\\')))
    expect(mapping[level]).toBe(fields.level)
    expect(fields).toMatchObject({
      ...{ task_id: 't-1', tenant_id: 'acme', request_id: 'r-1', msg: 'it\nhappened' },
      ...{ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) },
    })
    expect(new Date(Number(fields.time)).getFullYear()).toBeGreaterThan(2000)
  }
  expect(at(parser, 'timestamp')).toEqual({
    parse_from: 'attributes.time',
    layout_type: 'epoch',
    layout: 'ms',
  })
  expect(at(parser, 'severity.parse_from')).toBe('attributes.level')
  expect(at(operator('trace_parser'), 'trace_id.parse_from')).toBe('attributes.trace_id')
  expect(at(operator('trace_parser'), 'span_id.parse_from')).toBe('attributes.span_id')
  expect(operator('move')).toMatchObject({ from: 'attributes.msg', to: 'body' })
})
