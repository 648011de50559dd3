import { z } from 'zod'

const TEXT = z.string().min(1)
const NAMES = z.array(TEXT).min(1)
const LABELS = z.record(TEXT, z.string())
const METADATA = z.strictObject({ name: TEXT, namespace: TEXT, labels: LABELS })
const SECONDS = z.int().min(0)
const COUNT = z.int().min(1)
/** A time as Go reads it, of one unit. */
const DURATION = z.string().regex(/^\d+(ms|s|m|h)$/, 'must be a time such as 30s')
/** An integer or a percentage. */
const SHARE = z.union([z.int().min(0), z.string().regex(/^\d+%$/)])

const ANALYSIS = z.strictObject({
  templates: z.array(z.strictObject({ templateName: TEXT })).min(1),
  args: z
    .array(
      z.strictObject({
        name: TEXT,
        valueFrom: z.strictObject({ podTemplateHashValue: z.enum(['Stable', 'Latest']) }),
      }),
    )
    .optional(),
})

const STEP = z.union([
  z.strictObject({ setWeight: z.int().min(0).max(100) }),
  z.strictObject({ pause: z.strictObject({ duration: DURATION.optional() }) }),
  z.strictObject({ analysis: ANALYSIS }),
])

const ROLLOUT = z.strictObject({
  revisionHistoryLimit: SECONDS,
  minReadySeconds: SECONDS,
  progressDeadlineSeconds: COUNT,
  progressDeadlineAbort: z.boolean(),
  selector: z.strictObject({ matchLabels: LABELS }),
  workloadRef: z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    name: TEXT,
    scaleDown: z.enum(['never', 'onsuccess', 'progressively']),
  }),
  strategy: z.strictObject({
    canary: z.strictObject({ maxUnavailable: SHARE, maxSurge: SHARE, steps: z.array(STEP).min(1) }),
  }),
})

const ANALYSIS_TEMPLATE = z.strictObject({
  args: z.array(z.strictObject({ name: TEXT, value: z.string().optional() })),
  metrics: z
    .array(
      z.strictObject({
        name: TEXT,
        interval: DURATION,
        count: COUNT,
        initialDelay: DURATION.optional(),
        failureLimit: SECONDS,
        inconclusiveLimit: SECONDS,
        successCondition: TEXT,
        failureCondition: TEXT,
        provider: z.strictObject({ prometheus: z.strictObject({ address: z.url(), query: TEXT }) }),
      }),
    )
    .min(1),
})

const HTTP_ROUTE = z.strictObject({
  parentRefs: z
    .array(z.strictObject({ name: TEXT, namespace: TEXT.optional(), sectionName: TEXT.optional() }))
    .min(1),
  hostnames: NAMES,
  rules: z
    .array(
      z.strictObject({
        matches: z.array(
          z.strictObject({
            path: z.strictObject({
              type: z.enum(['Exact', 'PathPrefix']),
              value: z.string().startsWith('/'),
            }),
          }),
        ),
        timeouts: z.strictObject({ request: DURATION, backendRequest: DURATION.optional() }).optional(),
        backendRefs: z.array(z.strictObject({ name: TEXT, port: z.int().min(1).max(65_535) })).min(1),
      }),
    )
    .min(1),
})

const POD_MONITOR = z.strictObject({
  selector: z.strictObject({ matchLabels: LABELS }),
  sampleLimit: COUNT,
  podMetricsEndpoints: z
    .array(
      z.strictObject({
        port: TEXT,
        path: z.string().startsWith('/'),
        interval: DURATION,
        scrapeTimeout: DURATION,
        relabelings: z.array(
          z.strictObject({
            action: z.enum(['replace', 'keep', 'drop']).optional(),
            sourceLabels: NAMES.optional(),
            regex: TEXT.optional(),
            targetLabel: TEXT.optional(),
            replacement: TEXT.optional(),
          }),
        ),
      }),
    )
    .min(1),
})

const RULE = z.strictObject({
  record: TEXT.optional(),
  alert: TEXT.optional(),
  expr: TEXT,
  for: DURATION.optional(),
  labels: LABELS.optional(),
  annotations: LABELS.optional(),
})
const PROMETHEUS_RULE = z.strictObject({
  groups: z
    .array(z.strictObject({ name: TEXT, interval: DURATION.optional(), rules: z.array(RULE).min(1) }))
    .min(1),
})

/** What is used of the resources that Kubernetes itself does not know: any other field is an error. By version and kind. */
export const CUSTOM_RESOURCES: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries({
    'argoproj.io/v1alpha1 Rollout': ROLLOUT,
    'argoproj.io/v1alpha1 AnalysisTemplate': ANALYSIS_TEMPLATE,
    'gateway.networking.k8s.io/v1 HTTPRoute': HTTP_ROUTE,
    'monitoring.coreos.com/v1 PodMonitor': POD_MONITOR,
    'monitoring.coreos.com/v1 PrometheusRule': PROMETHEUS_RULE,
  }).map(([title, spec]) => [
    title,
    z.strictObject({ apiVersion: TEXT, kind: TEXT, metadata: METADATA, spec }),
  ]),
)
