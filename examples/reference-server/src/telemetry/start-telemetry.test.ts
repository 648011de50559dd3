import { silentLogger, silentTracer } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { SERVER_ROLES } from '../server-role.ts'
import { serviceNameOf, startTelemetry, traceSecretsOf, wantsTraces } from './start-telemetry.ts'
import { startTraceCollector } from './testing/trace-collector.ts'

const OPTIONS = { roles: ['gateway'], version: '1', logger: silentLogger } as const

afterEach(() => vi.unstubAllEnvs())

it.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
  [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
  [{ OTEL_SERVICE_NAME: 'x' }, false],
])('of %j it says whether traces are wanted: %s', async (environment, isWanted) => {
  expect(wantsTraces(environment)).toBe(isWanted)
  if (isWanted) return
  const telemetry = await startTelemetry({ ...OPTIONS, environment })
  expect(telemetry.tracer).toBe(silentTracer)
  await telemetry.close()
})

it('the headers of exports hold secrets', () => {
  const environment = {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic abc=,x-key=secret-1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=secret-2',
  }
  expect(traceSecretsOf(environment)).toEqual(['Basic abc=', 'secret-1', 'secret-2'])
  expect(traceSecretsOf({})).toEqual([])
})

it('a process is called by its role, and one of several by the whole', () => {
  expect(serviceNameOf(['agent-runtime'])).toBe('golden-architecture-agent-runtime')
  expect(serviceNameOf(['gateway', 'peer-hub'])).toBe('golden-architecture')
  expect(serviceNameOf(SERVER_ROLES)).toBe('golden-architecture')
})

it('sends what is gathered at its end, and then nothing', async () => {
  const collector = await startTraceCollector()
  // The SDK reads the environment of the process. The end comes long before a batch would be sent by itself.
  const environment = { ...collector.environment, OTEL_BSP_SCHEDULE_DELAY: '3600000' }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const logger = new RecordingLogger()
  const telemetry = await startTelemetry({ ...OPTIONS, environment, logger, closeTimeoutMs: 300_000 })
  const { tracer } = telemetry
  await tracer.trace('outer', { kind: 'server', attributes: { list: ['a', 'b'] } }, () =>
    tracer.trace('inner', {}, async (span) => span.fail(new TypeError('no'))),
  )
  expect(collector.spans).toEqual([])
  await telemetry.close()
  const [inner, outer] = collector.spans
  expect(outer).toMatchObject({
    name: 'outer',
    kind: 2,
    parentSpanId: '',
    service: 'golden-architecture-gateway',
    attributes: { list: ['a', 'b'] },
  })
  expect(inner).toMatchObject({ parentSpanId: outer?.spanId, traceId: outer?.traceId, statusCode: 2 })
  expect(logger.lines).toEqual([])
  await collector.stop()
})
