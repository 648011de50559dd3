import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

const BLANK = '[\\s_*.,-]{1,6}'
const PAST =
  '(?:previous|prior|above|earlier|preceding|foregoing|existing|original|initial|former|system|your|past)'
const ORDERS =
  '(?:instructions?|rules?|prompts?|directions?|directives?|guidelines?|commands?|orders?|constraints?|polic(?:y|ies)|guardrails?)'
const DROP =
  "(?:ignore|disregard|forget|override|overrule|bypass|neglect|discard|skip|do not follow|don't follow|stop following|cancel)"

/** Rules on text that speaks to a model instead of being read by it. A signal, no protection. */
export const PROMPT_RULES: readonly ThreatRule[] = [
  rule('prompt-override', 'medium', 'An order to drop the instructions given.', [
    `\\b${DROP}${BLANK}(?:(?:all|any|every|each|the|of|these|those|my|your|its)${BLANK}){0,4}(?:${PAST}${BLANK}){1,3}(?:\\w{1,20}${BLANK})?${ORDERS}\\b`,
    `\\b${DROP}${BLANK}(?:all|any|every)${BLANK}(?:(?:of|the|these|those)${BLANK}){0,2}${ORDERS}\\b`,
    `\\b${DROP}${BLANK}(?:everything|all|anything|the|what is|what was)${BLANK}(?:(?:written|said|that was said|that is)${BLANK})?(?:above|before this)(?=${BLANK}(?:and|then)\\b|[.,:;!]|\\s{0,3}$)`,
    `\\bfrom now on${BLANK}you${BLANK}(?:will|must|shall|are|act|obey|respond|only)\\b`,
    '\\bnew (?:system )?(?:instructions|rules)\\s{0,3}:',
  ]),
  // As written: the shadow turns letters of other scripts into Latin ones.
  rule(
    'prompt-override-other-language',
    'medium',
    'The same order in another language.',
    [
      '\\bignore[zr]?\\s{1,3}(?:toutes?\\s{1,3})?(?:les\\s{1,3})?(?:instructions|consignes|règles)\\b',
      '\\b(?:ignoriere?|vergiss|vergessen sie|missachte|ignorieren sie)\\s{1,3}(?:alle?\\s{1,3})?(?:die\\s{1,3}|deine\\s{1,3}|ihre\\s{1,3})?(?:vorherigen|bisherigen|obigen|vorigen|früheren)?\\s{0,3}(?:anweisungen|regeln|vorgaben|instruktionen|befehle)',
      '\\b(?:ignora|ignore|olvida|descarta|esqueça)\\s{1,3}(?:todas?\\s{1,3})?(?:las|as|le|tus|tutte le|todo)?\\s{0,3}(?:instrucciones|instruções|istruzioni|reglas|regras)',
      '忽略(?:[^\\n]{0,6})?(?:所有|之前|以上|先前|前面)[^\\n]{0,8}(?:指令|指示|规则|提示|说明)',
      '(?:以前|これまで|上記)の(?:指示|命令|ルール)を[^\\n]{0,4}(?:無視|忘れ)',
      '(?:игнорируй|игнорируйте|забудь|забудьте)\\s{1,3}(?:все\\s{1,3})?(?:предыдущие|прошлые|прежние)?\\s{0,3}(?:инструкции|указания|правила)',
    ],
    'text',
  ),
  rule('prompt-role-marker', 'high', 'The mark of a turn, as chat models know it.', [
    '<\\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id|begin_of_text)\\|>',
    '\\[/?INST\\]|<</?SYS>>',
    '</?\\s{0,3}(?:system|system_prompt|assistant|developer)\\s{0,3}>',
  ]),
  rule('prompt-role-line', 'medium', 'A line that begins like the turn of the system.', [
    '(?:^|\\n)(?:#{1,6}\\s{0,3})?[\\[<(]?(?:system|developer)(?: message| prompt| note)?[\\])>]?\\s{0,3}:',
  ]),
  rule('prompt-persona', 'medium', 'A persona that has no rules.', [
    '\\byou are (?:now |no longer )(?:dan\\b|an? (?:unrestricted|unfiltered|uncensored|jailbroken)|bound by|in developer mode|free (?:of|from))',
    '\\b(?:unrestricted|unfiltered|uncensored|jailbroken|amoral)\\s{1,3}(?:\\w{1,20}\\s{1,3})?(?:model|ai|assistant|llm|chatbot|mode)\\b',
    '\\b(?:ai|model|assistant|llm|chatbot)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,3}(?:without|with no|that has no|free of)\\s{1,3}(?:any\\s{1,3})?(?:restrictions|rules|limits|filters|guidelines|guardrails)',
    '\\b(?:enable|enter|activate|switch to)\\s{1,3}(?:developer|god|jailbreak|dan|debug)\\s{1,3}mode\\b',
  ]),
  rule('prompt-leak', 'medium', 'A question for the instructions themselves.', [
    '\\b(?:print|reveal|show|repeat|output|leak|display|dump|disclose|expose|tell me|give me|write out|send)\\b[^.\\n]{0,30}?\\b(?:your|the|its|hidden|initial|original|full|entire)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,2}(?:system\\s{1,3}prompt|system\\s{1,3}message|hidden\\s{1,3}prompt|initial\\s{1,3}prompt|hidden\\s{1,3}instructions|initial\\s{1,3}instructions)',
    "\\b(?:what is|what are|what's)\\s{1,3}your\\s{1,3}(?:system|hidden|initial|original)\\s{1,3}(?:prompt|instructions|message)",
    '\\brepeat\\s{1,3}(?:the\\s{1,3}|all\\s{1,3}|everything\\s{1,3}){1,2}(?:text\\s{1,3}|words\\s{1,3})?above\\b',
    '(?:输出|显示|透露)[^\\n]{0,6}系统提示',
  ]),
  rule('prompt-addressed', 'medium', 'A text that speaks to the model, or for a reviewer.', [
    '\\b(?:note|message|instructions?|attention|important)\\b[^.\\n]{0,20}?\\b(?:to|for)\\s{1,3}(?:the\\s{1,3}|any\\s{1,3}|all\\s{1,3})?(?:ai|llm|language model|assistant|model|chatbot|agent|automated|summari[sz]er)s?\\b',
    "\\b(?:do not|don't|never)\\s{1,3}(?:mention|tell|reveal|disclose|show)\\s{1,3}(?:this|that|it|about)?[^.\\n]{0,30}?\\bto\\s{1,3}(?:the\\s{1,3})?users?\\b",
    '(?:^|\\n)\\s{0,9}(?:the\\s{1,3})?reviewers?\\s{0,3}:\\s{0,3}(?:approved?|lgtm|accept|pass)',
    '\\bthe\\s{1,3}reviewer\\s{1,3}has\\s{1,3}(?:already\\s{1,3})?approved[^.\\n]{0,60}?\\b(?:merge|vote|accept|pass)',
  ]),
  {
    id: 'prompt-hidden-text',
    family: 'prompt-injection',
    severity: 'high',
    contexts: ['prompt'],
    summary: 'Text in characters that nobody sees.',
    reads: 'text',
    matcher: {
      kind: 'pattern',
      // Flags of regions are spelt with the same characters behind a black flag.
      pattern: /(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,8})[\u{e0020}-\u{e007e}]{3,4096}/gu,
    },
  },
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  patterns: readonly string[],
  reads: 'text' | 'shadow' = 'shadow',
): ThreatRule {
  return {
    id,
    family: 'prompt-injection',
    severity,
    contexts: ['prompt'],
    summary,
    reads,
    matcher: { kind: 'pattern', pattern: new RegExp(patterns.join('|'), 'giu') },
  }
}
