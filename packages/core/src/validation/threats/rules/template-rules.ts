import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

/** Words that lead from a template to the program around it. */
const DOORS =
  '(?:__\\w{2,30}__|constructor|prototype|getclass|forname|runtime|processbuilder|subclasses|globals|builtins|popen|os\\.|process\\.|require\\s{0,3}\\(|eval\\s{0,3}\\(|exec\\s{0,3}\\(|system\\s{0,3}\\(|(?<![.\\w])(?:config|self|_self|request|application|settings|lipsum|cycler|joiner|namespace|import|include)\\b|freemarker|java\\.|system\\.(?:diagnostics|io|reflection)|global(?:this)?\\.process|mainmodule|(?<!\\w)t\\(|@java)'
const OPENERS = '(?:\\{\\{\\{?|\\$\\{\\{?|#\\{|\\*\\{|<%[=-]?|\\{%-?|\\[\\[\\s?[$*@#]\\{|~\\{|@\\(|@\\{|%\\{)'

/** Rules on source that a template engine would carry out. */
export const TEMPLATE_RULES: readonly ThreatRule[] = [
  rule('template-door', 'high', 'An expression that reaches the program.', [
    `${OPENERS}(?:[^{}%>\\n]|%(?!>)){0,120}?${DOORS}`,
  ]),
  rule('template-directive', 'high', 'A directive that runs code.', [
    '#set\\s{0,3}\\(\\s{0,3}\\$',
    '<#(?:assign|include|import|function|macro)\\b',
    '\\{php\\}',
    '\\{%-?\\s{0,9}(?:for|import|include|from|set|macro|extends|call|debug|load)\\s{1,9}[^%\\n]{1,200}%\\}',
    '\\{\\{#with\\s[^{}]{1,80}\\}\\}[^{}]{0,40}\\{\\{',
    '\\?new\\s{0,3}\\(',
    '<\\?(?:php|=)',
    '%\\{\\s{0,3}[#@(]',
    '\\$!?\\{?class\\.(?:inspect|type|forname)',
    '~\\{\\s{0,3}::',
    '<!--\\s{0,3}#(?:exec|include|printenv|echo|config|set)\\b',
    '<(?:esi|jsp|c):(?:include|import|inline|remove|set|out|usebean)\\b',
  ]),
  rule('template-expression', 'high', 'An expression that is calculated or called.', [
    '\\{\\{[^{}\\n]{0,120}?(?:\\d\\s{0,4}[*+/-]\\s{0,4}[\'"\\d]|\\w\\s{0,3}\\()[^{}\\n]{0,120}\\}\\}',
    '[$#*]\\{[^{}\\n]{0,120}?(?:\\d\\s{0,4}[*+/-]\\s{0,4}[\'"\\d]|\\w\\s{0,3}\\()[^{}\\n]{0,120}\\}',
    '<%[=-]?[^%\\n]{0,120}?(?:\\d\\s{0,4}[*+/-]\\s{0,4}\\d|\\w\\s{0,3}\\()[^%\\n]{0,120}%>',
    '@\\(\\s{0,4}\\d{1,9}\\s{0,4}[*+/-]\\s{0,4}\\d{1,9}\\s{0,4}\\)',
  ]),
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  patterns: readonly string[],
): ThreatRule {
  return {
    id,
    family: 'template-injection',
    severity,
    contexts: ['template'],
    summary,
    matcher: { kind: 'pattern', pattern: new RegExp(patterns.join('|'), 'gi') },
  }
}
