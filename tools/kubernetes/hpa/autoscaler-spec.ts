/** What a metric is held to: a share of the request, a mean over the pods, or a value of its own. In thousandths. */
export type MetricTarget =
  | { readonly type: 'Utilization'; readonly percent: number }
  | { readonly type: 'AverageValue'; readonly milli: number }
  | { readonly type: 'Value'; readonly milli: number }

/** One metric that an autoscaler goes by. */
export interface MetricSpec {
  readonly type: 'Resource' | 'Pods' | 'Object' | 'External'
  readonly name: string
  /** What the metric's series must carry; empty where nothing is asked. */
  readonly labels: Readonly<Record<string, string>>
  readonly target: MetricTarget
}

/** How much may change within a period. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent'
  readonly value: number
  readonly periodSeconds: number
}

/** The rules of one direction. */
export interface ScalingRules {
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled'
  readonly stabilizationWindowSeconds: number
  readonly policies: readonly ScalingPolicy[]
  /** How far a ratio may be from 1 without any change. */
  readonly tolerance: number
}

/** A HorizontalPodAutoscaler of `autoscaling/v2`, its defaults filled in. */
export interface AutoscalerSpec {
  readonly name: string
  readonly target: { readonly kind: string; readonly name: string }
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly metrics: readonly MetricSpec[]
  readonly scaleUp: ScalingRules
  readonly scaleDown: ScalingRules
}

/** What the API server and the controller put where a direction says nothing. */
export const DEFAULT_SCALE_UP: ScalingRules = Object.freeze<ScalingRules>({
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 0,
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  tolerance: 0.1,
})

/** As {@link DEFAULT_SCALE_UP}, for the other direction. */
export const DEFAULT_SCALE_DOWN: ScalingRules = Object.freeze<ScalingRules>({
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 300,
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  tolerance: 0.1,
})
