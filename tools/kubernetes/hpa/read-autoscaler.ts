import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import type { IHPAScalingRules } from 'kubernetes-models/autoscaling/v2/HPAScalingRules'
import type { IMetricSpec } from 'kubernetes-models/autoscaling/v2/MetricSpec'
import type { IMetricTarget } from 'kubernetes-models/autoscaling/v2/MetricTarget'
import { parse } from 'yaml'
import {
  type AutoscalerSpec,
  DEFAULT_SCALE_DOWN,
  DEFAULT_SCALE_UP,
  type MetricSpec,
  type MetricTarget,
  type ScalingPolicy,
  type ScalingRules,
} from './autoscaler-spec.ts'
import { milliOf } from './milli-of.ts'

/** Reads the YAML of a HorizontalPodAutoscaler and fills in its defaults. Throws where it is not one, or says what we never say. */
export function readAutoscaler(yaml: string): AutoscalerSpec {
  const written = new HorizontalPodAutoscaler(parse(yaml))
  written.validate()
  const { metadata, spec } = written
  if (spec === undefined || metadata?.name === undefined)
    throw new Error('an autoscaler without name or spec')
  if (spec.behavior === undefined)
    throw new Error(`${metadata.name}: an autoscaler of ours says how it behaves`)
  return {
    name: metadata.name,
    target: { kind: spec.scaleTargetRef.kind, name: spec.scaleTargetRef.name },
    minReplicas: spec.minReplicas ?? 1,
    maxReplicas: spec.maxReplicas,
    metrics: (spec.metrics ?? []).map(metricOf),
    scaleUp: rulesOf(spec.behavior.scaleUp, DEFAULT_SCALE_UP),
    scaleDown: rulesOf(spec.behavior.scaleDown, DEFAULT_SCALE_DOWN),
  }
}

function metricOf({ type, resource, pods, object, external }: IMetricSpec): MetricSpec {
  if (type === 'Resource' && resource !== undefined) {
    return { type, name: resource.name, labels: {}, target: targetOf(resource.target) }
  }
  if (type === 'Pods' && pods !== undefined) return { type, ...named(pods) }
  if (type === 'Object' && object !== undefined) return { type, ...named(object) }
  if (type === 'External' && external !== undefined) return { type, ...named(external) }
  throw new Error(`a metric of type ${type} that does not say which`)
}

function named({
  metric,
  target,
}: {
  readonly metric: {
    readonly name: string
    readonly selector?: { matchLabels?: Readonly<Record<string, string>> | undefined } | undefined
  }
  readonly target: IMetricTarget
}): Omit<MetricSpec, 'type'> {
  return { name: metric.name, labels: metric.selector?.matchLabels ?? {}, target: targetOf(target) }
}

function targetOf({ type, averageUtilization, averageValue, value }: IMetricTarget): MetricTarget {
  if (type === 'Utilization' && averageUtilization !== undefined) return { type, percent: averageUtilization }
  if (type === 'AverageValue' && averageValue !== undefined) return { type, milli: milliOf(averageValue) }
  if (type === 'Value' && value !== undefined) return { type, milli: milliOf(value) }
  throw new Error(`a target of type ${type} without its number`)
}

function rulesOf(rules: IHPAScalingRules | undefined, defaults: ScalingRules): ScalingRules {
  return {
    selectPolicy: selectionOf(rules?.selectPolicy ?? defaults.selectPolicy),
    stabilizationWindowSeconds: rules?.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
    policies:
      rules?.policies?.map(
        ({ type, value, periodSeconds }): ScalingPolicy => ({
          type: policyTypeOf(type),
          value,
          periodSeconds,
        }),
      ) ?? defaults.policies,
    tolerance: rules?.tolerance === undefined ? defaults.tolerance : milliOf(rules.tolerance) / 1000,
  }
}

function selectionOf(name: string): ScalingRules['selectPolicy'] {
  if (name === 'Max' || name === 'Min' || name === 'Disabled') return name
  throw new Error(`no policy is selected by ${name}`)
}

function policyTypeOf(name: string): ScalingPolicy['type'] {
  if (name === 'Pods' || name === 'Percent') return name
  throw new Error(`there is no policy of type ${name}`)
}
