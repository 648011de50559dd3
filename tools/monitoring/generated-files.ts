import { join } from 'node:path'
import { RULES_FOLDER, ruleFileText } from './rule-file.ts'
import { SERVICE_LEVELS } from './service-level.ts'
import { sloRules } from './slo-rules.ts'

/** The texts of what is generated, by path. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([[join(RULES_FOLDER, 'slo.yaml'), ruleFileText(sloRules(SERVICE_LEVELS))]])
}
