import { listAt, type Manifest, selects, type Tree, textAt, titleOf, treeAt } from './manifest.ts'

/** What is wrong with releases that go by steps: pods that nobody describes, and analyses that could not go on or back. */
export function releaseFindings(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap((each) => {
    const problems =
      each.kind === 'Rollout'
        ? rolloutFindings(each, manifests)
        : each.kind === 'AnalysisTemplate'
          ? listAt(each, 'spec.metrics').flatMap((metric) => metricFindings(metric, each))
          : []
    return problems.map((problem) => `${titleOf(each)}: ${problem}`)
  })
}

function rolloutFindings(rollout: Manifest, manifests: readonly Manifest[]): readonly string[] {
  const { kind, name } = treeAt(rollout, 'spec.workloadRef')
  const workload = manifests.find((each) => each.kind === kind && each.metadata.name === name)
  if (workload === undefined) return [`no ${String(kind)} ${String(name)}`]
  const canary = treeAt(rollout, 'spec.strategy.canary')
  const steps = listAt(canary, 'steps')
  const weights = steps.flatMap(({ setWeight }) => (setWeight === undefined ? [] : [Number(setWeight)]))
  return [
    ...(selects(
      treeAt(rollout, 'spec.selector.matchLabels'),
      treeAt(workload, 'spec.template.metadata.labels'),
    )
      ? []
      : ['selects other pods']),
    ...(treeAt(workload, 'spec').replicas === undefined ? [] : [`replicas at ${titleOf(workload)}`]),
    ...(scalersOf(workload, manifests).length === 0
      ? []
      : [`an autoscaler of ${titleOf(workload)} beside it`]),
    ...(canary.maxUnavailable === 0 ? [] : ['takes pods away before others are ready']),
    ...(treeAt(rollout, 'spec').progressDeadlineAbort === true
      ? []
      : ['waits for pods that do not get ready']),
    ...(weights.every((weight, index) => weight > (weights[index - 1] ?? 0)) ? [] : ['goes back and forth']),
    ...weights.flatMap((weight) => (isJudged(steps, weight) ? [] : [`goes on from ${weight} % unseen`])),
    ...listAt(canary, 'steps').flatMap((step) => analysisFindings(treeAt(step, 'analysis'), manifests)),
  ]
}

function scalersOf({ kind, metadata }: Manifest, manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(
    (each) =>
      textAt(each, 'spec.scaleTargetRef.kind') === kind &&
      textAt(each, 'spec.scaleTargetRef.name') === metadata.name,
  )
}

/** Whether an analysis comes between a weight and the next one. */
function isJudged(steps: readonly Tree[], weight: number): boolean {
  const after = steps.slice(steps.findIndex(({ setWeight }) => setWeight === weight) + 1)
  const end = after.findIndex(({ setWeight }) => setWeight !== undefined)
  return after.slice(0, end === -1 ? after.length : end).some(({ analysis }) => analysis !== undefined)
}

function analysisFindings(analysis: Tree, manifests: readonly Manifest[]): readonly string[] {
  return listAt(analysis, 'templates').flatMap(({ templateName }) => {
    const template = manifests.find(
      ({ kind, metadata }) => kind === 'AnalysisTemplate' && metadata.name === templateName,
    )
    if (template === undefined) return [`no AnalysisTemplate ${String(templateName)}`]
    const given = listAt(analysis, 'args').map(({ name }) => name)
    return listAt(template, 'spec.args')
      .filter(({ name, value }) => value === undefined && !given.includes(name))
      .map(({ name }) => `gives no ${String(name)} to ${titleOf(template)}`)
  })
}

/** A measurement must be able to end in three ways, and ask for what is there. */
function metricFindings(metric: Tree, template: Manifest): readonly string[] {
  const name = textAt(metric, 'name')
  const query = textAt(metric, 'provider.prometheus.query')
  const known = listAt(template, 'spec.args').map((argument) => textAt(argument, 'name'))
  const asked = [...query.matchAll(/\{\{\s*args\.([\w-]+)\s*\}\}/g)].map(([, argument = '']) => argument)
  const guarded = ['successCondition', 'failureCondition'].every((condition) =>
    textAt(metric, condition).startsWith('len(result) > 0 && '),
  )
  return [
    ...(guarded ? [] : [`${name} takes no series for a value`]),
    ...(Number(metric.inconclusiveLimit) + Number(metric.failureLimit) < Number(metric.count)
      ? []
      : [`${name} passes whatever it sees`]),
    ...asked
      .filter((argument) => !known.includes(argument))
      .map((argument) => `${name}: no args.${argument}`),
    ...(asked.length === 0 ? [`${name} does not tell the release from the one before`] : []),
  ]
}
