import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it was exported. */
export interface ExportedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty at the top of a trace. */
  readonly parentSpanId: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  /** 2: it failed. */
  readonly statusCode: number
  /** Name of the service that exported it. */
  readonly service: string
}

/** A collector on loopback that keeps what is exported to it. */
export interface TraceCollector {
  /** What `OTEL_*` variables send traces to it, in JSON. */
  readonly environment: Readonly<Record<string, string>>
  readonly spans: readonly ExportedSpan[]
  stop(): Promise<void>
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values: readonly OtlpValue[] }
}

type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[]

/** The parts of an OTLP export of traces, in its JSON form, that are read here. */
interface OtlpExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpAttributes }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

interface OtlpSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly attributes: OtlpAttributes
  readonly status?: { readonly code?: number }
}

/** Starts a collector of OTLP over HTTP. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ExportedSpan[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.once('end', () => {
      // What the exporter of the SDK sends to /v1/traces in JSON has this form.
      if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(body) as OtlpExport))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      // Soon, and with all the time that a machine may need which does much else.
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_EXPORT_TIMEOUT: '300000',
      OTEL_EXPORTER_OTLP_TIMEOUT: '300000',
    },
    spans,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The span and those above it within `spans`, the nearest first. */
export function lineOf(spans: readonly ExportedSpan[], span: ExportedSpan): readonly ExportedSpan[] {
  const line: ExportedSpan[] = []
  for (let at: ExportedSpan | undefined = span; at !== undefined && !line.includes(at); ) {
    line.push(at)
    const above: string = at.parentSpanId
    at = spans.find(({ spanId }) => spanId === above)
  }
  return line
}

function spansOf({ resourceSpans }: OtlpExport): readonly ExportedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name'])
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => exported(span, service)))
  })
}

function exported(span: OtlpSpan, service: string): ExportedSpan {
  const { name, traceId, spanId, parentSpanId = '', kind, status } = span
  const attributes = attributesOf(span.attributes)
  return { name, traceId, spanId, parentSpanId, kind, attributes, statusCode: status?.code ?? 0, service }
}

function attributesOf(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))
}

function plain(value: OtlpValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue)
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plain)
  return value.stringValue ?? value.doubleValue ?? value.boolValue
}
