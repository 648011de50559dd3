import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

/** Commands that are hardly ever English words. */
const COMMANDS =
  '(?:rm|rmdir|curl|wget|nc|ncat|netcat|socat|bash|zsh|ksh|dash|sh|chmod|chown|chattr|whoami|ls|powershell|pwsh|cmd|cmd\\.exe|certutil|bitsadmin|mshta|rundll32|regsvr32|nslookup|ssh|scp|sftp|rsync|sudo|mkfs(?:\\.\\w{1,8})?|uname|ifconfig|ipconfig|systemctl|kubectl|crontab|printenv|useradd|usermod|xargs|mkfifo|telnet|netstat|netsh|reg(?=\\s{1,9}(?:add|query|delete|save))|net(?=\\s{1,9}(?:user|view|localgroup|share|use|stop))|sysinfo|systeminfo|tasklist|taskkill|schtasks|icacls|vssadmin|cscript|wscript|reboot|poweroff|iptables|busybox)'
/** Commands that are English words too: they count with an argument that English has not. */
const WORDS =
  '(?:cat|find|sort|cut|head|tail|time|type|kill|sleep|touch|test|more|less|echo|export|source|ping|dir|net|node|sed|tee|id|printf|exec|host|dig|tar|gzip|set|read|at|mail|who|start|wmic|history|date|pwd|hostname|mount|python[23]?|perl|ruby|php|nodejs|awk|base64|openssl|docker|npm|npx|pip|apt|yum|env|ps|cp|mv|dd|su|eval|halt|shutdown|passwd|unlink)'
const ARGUMENT =
  '(?:\\s|%20|%09){1,9}(?:-{1,2}[a-z]|[a-z]:\\\\|[/~$.*"\'<>]|\\d{1,9}(?:\\s|$|[;|&])|[\\w-]{1,60}\\.[a-z]{1,5}(?:\\s|$))|\\$\\{?IFS'
const BLANK = '(?:\\s|%20|%09){0,20}'
const OPERATOR = '(?:[;\\n\\r]|%0[ad]|\\|{1,2}|&{1,2})'

/** Rules on what a shell would run. */
export const SHELL_RULES: readonly ThreatRule[] = [
  rule('shell-command', 'high', 'A second command after a separator.', [
    `${OPERATOR}${BLANK}\\(?(?:sudo\\s{1,9})?(?:/(?:usr/)?(?:local/)?s?bin/\\w{1,20}|${COMMANDS}(?=$|[\\s;|&<>\`)$'"/%]))`,
  ]),
  rule('shell-word-command', 'high', 'A second command after a separator, one that is a word too.', [
    `${OPERATOR}${BLANK}\\(?${WORDS}(?:${ARGUMENT})`,
  ]),
  rule('shell-lone-command', 'high', 'A short command that stands alone after a separator.', [
    `${OPERATOR}${BLANK}(?:id|pwd|hostname|dir|env|ps|cat|halt|shutdown|calc)\\s{0,9}(?=$|[;|&<>\`)\\n]|%0[ad]|#\\s{0,9}$)`,
  ]),
  rule('shell-file-command', 'high', 'A file that is run after a separator.', [
    `${OPERATOR}${BLANK}(?:\\.{1,2}/|~/|/(?:tmp|etc|opt|dev|var|usr|bin|sbin)/)[\\w.-]`,
    `${OPERATOR}${BLANK}\\{[a-z]{1,20},`,
  ]),
  rule('shell-substitution', 'high', 'A command whose output is put in.', [
    '\\$\\(\\s{0,9}[a-z./_{<]',
    '[<>]\\(\\s{0,9}[a-z]',
    `\`\\s{0,9}(?:${COMMANDS}|${WORDS})\\b[^\`\\n]{0,200}\``,
    '\\$\\{?IFS\\b|\\$\\{@',
    `${OPERATOR}${BLANK}(?:phpinfo|system|passthru|shell_exec|popen|proc_open|exec|eval)\\s?\\(`,
  ]),
  rule(
    'shell-expansion',
    'medium',
    'A sign for a home, a variable or a part of one, which a shell writes out.',
    [
      '^\\s{0,9}~[\\w-]{0,32}/',
      '\\$\\{[!#]?\\w{1,40}(?::[-+=?\\d]|[%#/^,@[])',
      '%(?:comspec|path|systemroot|windir|temp|tmp|appdata|userprofile|programfiles)(?::[^%\\n]{1,40})?%',
    ],
  ),
  rule('shell-backticks', 'medium', 'Text in backticks, which a shell runs.', ['`[^`\\n]{1,200}`']),
  rule('shell-redirect', 'high', 'Input or output led to a file.', [
    '[<>]{1,2}\\s{0,9}(?:/(?:etc|dev|tmp|var|bin|usr|proc)/|~/|\\.\\./)',
  ]),
  rule('shell-dangerous-option', 'high', 'An option that makes a tool run a command.', [
    '^\\s{0,9}(?:--(?:upload-pack|receive-pack|exec|use-askpass|checkpoint-action|to-command|rsh|config|eval)\\b|-o\\s{0,3}proxycommand)',
  ]),
  rule('shell-option', 'low', 'An argument that a command would read as an option.', ['^--?[a-z]']),
]

function rule(
  id: string,
  severity: ThreatSeverity,
  summary: string,
  patterns: readonly string[],
): ThreatRule {
  const pattern = new RegExp(patterns.join('|'), 'gi')
  return {
    id,
    family: 'shell-injection',
    severity,
    contexts: ['shell'],
    summary,
    matcher: { kind: 'pattern', pattern },
  }
}
