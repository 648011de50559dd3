import { join } from 'node:path'
import { dashboardJson } from './dashboard-json.ts'
import { breakers } from './dashboards/breakers.ts'
import { budgets } from './dashboards/budgets.ts'
import { messaging } from './dashboards/messaging.ts'
import { overview } from './dashboards/overview.ts'
import { peerReview } from './dashboards/peer-review.ts'
import { sandbox } from './dashboards/sandbox.ts'
import { scaling } from './dashboards/scaling.ts'
import { security } from './dashboards/security.ts'
import { slo } from './dashboards/slo.ts'
import { prometheusRule } from './prometheus-rule.ts'
import { MONITORING_FOLDER, RULES_FOLDER, readRuleTexts, ruleFileText } from './rule-file.ts'
import { SERVICE_LEVELS } from './service-level.ts'
import { sloRules } from './slo-rules.ts'

const DASHBOARDS = [overview, slo, peerReview, budgets, sandbox, breakers, messaging, scaling, security]

/** Where the dashboards are. */
export const DASHBOARDS_FOLDER: string = join(MONITORING_FOLDER, 'grafana', 'dashboards')

const OPERATOR_FOLDER = join(MONITORING_FOLDER, '..', 'components', 'prometheus-operator')

/** The texts of what is generated, by path. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const slo = ruleFileText(sloRules(SERVICE_LEVELS))
  return new Map([
    [join(RULES_FOLDER, 'slo.yaml'), slo],
    [join(OPERATOR_FOLDER, 'rules.yaml'), prometheusRule({ ...readRuleTexts(), 'slo.yaml': slo })],
    ...DASHBOARDS.map((plan) => [join(DASHBOARDS_FOLDER, `${plan.name}.json`), dashboardJson(plan)] as const),
  ])
}
