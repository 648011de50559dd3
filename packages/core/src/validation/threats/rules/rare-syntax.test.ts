import { describe, expect, it } from 'vitest'
import { detectThreats } from '../detect-threats.ts'
import type { ThreatSink } from '../threat-context.ts'

describe('syntax that is rare', () => {
  it.each<[ThreatSink, string, string]>([
    ['sql-value', '1 RLIKE (SELECT 1)', 'sql-value-break-out'],
    ['sql-value', "'=''or'", 'sql-value-break-out'],
    ['sql-statement', 'EXPLAIN ANALYZE TRUNCATE orders', 'sql-statement-writes'],
    ['sql-statement', 'SELECT 1 UNION DELETE FROM t', 'sql-statement-writes'],
    ['sql-statement', 'SELECT 1 FROM t FOR NO KEY UPDATE', 'sql-statement-locks'],
    ['sql-statement', 'SELECT 1 FROM t FOR SHARE', 'sql-statement-locks'],
    ['sql-identifier', 'user-name', 'sql-identifier-unusual'],
    ['shell', "'; id #", 'shell-lone-command'],
    ['shell', `\${HOME%/*}`, 'shell-expansion'],
    ['shell', '%COMSPEC% /c dir', 'shell-expansion'],
    ['shell', '~/.ssh/id_rsa', 'shell-expansion'],
    ['url', 'http://[fe80::1%25eth0]/', 'url-private-address'],
    ['url', 'http://intranet/', 'url-bare-name'],
    ['header', 'x\u000bSet-Cookie: a', 'header-control'],
    ['log', 'a\u0000b', 'log-control'],
    ['template', '<%- global.process %>', 'template-door'],
    ['template', '@{System.Diagnostics.Process.Start("cmd");}', 'template-door'],
    ['template', '%{#context}', 'template-directive'],
    ['template', '<!--#exec cmd="id"-->', 'template-directive'],
    ['template', '<esi:include src="http://x"/>', 'template-directive'],
    ['template', '$class.inspect("x")', 'template-directive'],
  ])('is found in %s: %j', (context, text, ruleId) => {
    const { findings } = detectThreats(text, { contexts: [context] })
    expect(findings.map((one) => one.ruleId)).toContain(ruleId)
  })

  it.each<[ThreatSink, string]>([
    ['sql-value', "if name = 'a' or name = 'b' then stop"],
    ['sql-statement', "SELECT substring(name for 3), 'for update' FROM users"],
    ['shell', 'progress 40%path to 60%'],
    ['shell', 'R&D calc sheet; id cards # 4'],
    ['url', 'https://a.example/x?u=http%3A%2F%2Fintranet%2F'],
    ['header', 'a\tb'],
    ['log', 'col1\tcol2'],
    ['template', '<!-- #5 --> or class.type'],
  ])('is not seen in %s: %j', (context, text) => {
    expect(detectThreats(text, { contexts: [context] }).findings).toEqual([])
  })
})
