import { type Logger, silentTracer, type Tracer } from '@golden-arch/core/observability'
import { sleep } from '@golden-arch/core/time'
import type { ServerRole } from '../server-role.ts'
import { SERVER_ROLES } from '../server-role.ts'

/** Where traces go, and their end. */
export interface Telemetry {
  readonly tracer: Tracer
  /** Sends what is gathered, for `closeTimeoutMs` at most. */
  close(): Promise<void>
}

/** What telemetry is started with. */
export interface TelemetryOptions {
  /** The environment whose `OTEL_*` variables say where traces go. The SDK itself reads that of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly roles: readonly ServerRole[]
  readonly version: string
  readonly logger: Logger
  /** Milliseconds that the sending of the last traces may take. Default 5000 (5 seconds). */
  readonly closeTimeoutMs?: number
}

const SILENCE: Telemetry = { tracer: silentTracer, close: async () => {} }
const NAME = 'golden-architecture'
const CLOSE_TIMEOUT_MS = 5000
/** Each names where traces go; without one of them nothing is loaded. */
const ASKED_BY = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
] as const

/** Whether the environment asks for traces. */
export function wantsTraces(environment: TelemetryOptions['environment']): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  if (environment.OTEL_TRACES_EXPORTER?.trim() === 'none') return false
  return ASKED_BY.some((name) => (environment[name] ?? '') !== '')
}

/** The secrets among the variables of OpenTelemetry: what the headers of exports hold. */
export function traceSecretsOf(environment: TelemetryOptions['environment']): readonly string[] {
  const headers = [environment.OTEL_EXPORTER_OTLP_HEADERS, environment.OTEL_EXPORTER_OTLP_TRACES_HEADERS]
  return headers
    .flatMap((given) => (given ?? '').split(','))
    .map((header) => header.slice(header.indexOf('=') + 1).trim())
    .filter((value) => value !== '')
}

/** What a process calls itself in traces: its role where it has one, the whole where it has several. */
export function serviceNameOf(roles: readonly ServerRole[]): string {
  return roles.length === 1 && roles.length < SERVER_ROLES.length ? `${NAME}-${roles[0]}` : NAME
}

/**
 * Starts the OpenTelemetry SDK for traces, where the environment asks for them, as its `OTEL_*` variables say; metrics are
 * Prometheus's, logs are on standard error. Call it before the rest is started: it is for the whole process.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { environment, roles, version, logger, closeTimeoutMs = CLOSE_TIMEOUT_MS } = options
  if (!wantsTraces(environment)) return SILENCE
  const { context, diag, DiagLogLevel, propagation, trace } = await import('@opentelemetry/api')
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const { OtelTracer } = await import('@golden-arch/core/observability/opentelemetry')
  const tell = (message: string): void =>
    logger.warn({ problem: message }, 'traces are not sent as they should')
  const ignore = (): void => {}
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const isNamed = (environment.OTEL_SERVICE_NAME ?? '') !== ''
  const sdk = new NodeSDK({
    ...(isNamed ? {} : { serviceName: serviceNameOf(roles) }),
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  return {
    tracer: new OtelTracer({ trace, context, propagation, name: NAME, version }),
    close: async () => {
      const closing = new AbortController()
      const late = sleep(closeTimeoutMs, { signal: closing.signal }).catch(ignore)
      const closed = sdk.shutdown().catch((error: unknown) => {
        logger.warn({ err: error }, 'the last traces could not be sent')
      })
      await Promise.race([closed, late])
      closing.abort()
    },
  }
}
