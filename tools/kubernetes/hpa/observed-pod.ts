/** A pod as the controller sees it. Instants are in seconds. */
export interface ObservedPod {
  readonly name: string
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly isDeleting: boolean
  readonly startedAt?: number
  /** The condition Ready and when it last changed. */
  readonly ready?: { readonly isTrue: boolean; readonly changedAt: number }
  /** What its containers ask for together, by resource, in thousandths. */
  readonly requests: Readonly<Record<string, number>>
}

/** What a pod was measured at. */
export interface PodSample {
  readonly milli: number
  /** The end of the window that was measured. */
  readonly at: number
  readonly windowSeconds: number
}

/** What was read of a metric: one sample for a pod, values of the system, or why nothing could be read. */
export type MetricReading =
  | { readonly kind: 'pods'; readonly samples: ReadonlyMap<string, PodSample> }
  | { readonly kind: 'values'; readonly milli: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string }
