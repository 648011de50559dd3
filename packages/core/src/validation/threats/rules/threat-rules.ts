import type { ThreatRule } from '../threat-rule.ts'
import { CSV_RULES } from './csv-rules.ts'
import { HTML_RULES } from './html-rules.ts'
import { LINE_RULES } from './line-rules.ts'
import { MARKDOWN_RULES } from './markdown-rules.ts'
import { PATH_RULES } from './path-rules.ts'
import { PROMPT_RULES } from './prompt-rules.ts'
import { SHELL_RULES } from './shell-rules.ts'
import { SQL_RULES } from './sql-rules.ts'
import { TEMPLATE_RULES } from './template-rules.ts'
import { URL_RULES } from './url-rules.ts'

/** The rules that come with the package, of every sink. A list of your own may take some of them and add others. */
export const THREAT_RULES: readonly ThreatRule[] = Object.freeze([
  ...HTML_RULES,
  ...SQL_RULES,
  ...SHELL_RULES,
  ...PATH_RULES,
  ...URL_RULES,
  ...LINE_RULES,
  ...CSV_RULES,
  ...MARKDOWN_RULES,
  ...TEMPLATE_RULES,
  ...PROMPT_RULES,
])
