import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describeWithService } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { generatedFiles } from './generated-files.ts'
import { type AlertRule, MONITORING_FOLDER, RULES_FOLDER, readAlerts } from './rule-file.ts'

const execute = promisify(execFile)
const TESTS_FOLDER = join(MONITORING_FOLDER, 'prometheus', 'tests')
const RUNBOOKS_FOLDER = join(MONITORING_FOLDER, '..', '..', 'docs', 'runbooks')
/** What anything here may take on a machine that does much else. */
const SLOW_MS = 600_000

/** A file of promtool's, as far as it is read here. */
interface TestFile {
  readonly tests: readonly {
    readonly promql_expr_test: readonly {
      readonly expr: string
      readonly exp_samples: readonly { readonly labels: string }[]
    }[]
  }[]
}

const testFiles = yamlFiles(TESTS_FOLDER)
const expectations = testFiles.flatMap((file) => {
  // What is wrong with its shape is found by promtool.
  const { tests } = parse(readFileSync(file, 'utf8')) as TestFile
  return tests.flatMap((test) => test.promql_expr_test)
})

function yamlFiles(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return names.sort().map((name) => join(folder, name))
}

/** The labels that tell rules of one name apart. */
function ownLabels({ alert, labels }: AlertRule): readonly string[] {
  return Object.entries({ alertname: alert, ...labels }).map(([name, value]) => `${name}="${value}"`)
}

function isAbout(rule: AlertRule, expr: string): boolean {
  return ownLabels(rule).every((label) => expr.includes(label))
}

describe('the alerts', () => {
  const alerts = readAlerts()

  it.each(alerts.map((rule) => [ownLabels(rule).join(' '), rule] as const))(
    '%s has a test that fires, one that stays silent, words and a runbook',
    (_title, rule) => {
      const tests = expectations.filter(({ expr }) => isAbout(rule, expr))
      const fires = tests.filter(({ exp_samples }) => exp_samples.some(({ labels }) => isAbout(rule, labels)))
      const silent = tests.filter(({ exp_samples }) => exp_samples.length === 0)
      expect(fires.length, 'tests that fire').toBeGreaterThan(0)
      expect(silent.length, 'tests that stay silent').toBeGreaterThan(0)
      expect(rule.annotations).toMatchObject({
        summary: expect.stringMatching(/\.$/),
        description: expect.stringMatching(/\.$/),
        runbook_url: `{{ $externalLabels.runbooks }}/${rule.alert}.md`,
      })
      expect(['page', 'ticket']).toContain(rule.labels.severity)
      expect(existsSync(join(RUNBOOKS_FOLDER, `${rule.alert}.md`)), 'its runbook').toBe(true)
    },
  )

  it('are the only ones that have runbooks', () => {
    const names = readdirSync(RUNBOOKS_FOLDER).map((name) => name.replace(/\.md$/, ''))
    expect(names.sort()).toEqual([...new Set(alerts.map(({ alert }) => alert))].sort())
  })
})

it('what is generated is as it would be generated now: npx node tools/write-monitoring.ts', () => {
  for (const [path, text] of generatedFiles()) expect(readFileSync(path, 'utf8'), path).toBe(text)
})

describeWithService('prometheus', 'Prometheus and the rules', (address) => {
  const promtool = async (...args: readonly string[]): Promise<string> => {
    const file = join(dirname(fileURLToPath(address)), 'promtool')
    try {
      const { stdout, stderr } = await execute(file, [...args], { timeout: SLOW_MS })
      return stdout + stderr
    } catch (error) {
      // A rejected execFile carries what the program said.
      const { stdout, stderr, message } = error as Error & { stdout: string; stderr: string }
      throw new Error(`${message}\n${stdout}${stderr}`)
    }
  }

  it('all rules are well formed', async () => {
    expect(await promtool('check', 'rules', ...yamlFiles(RULES_FOLDER))).not.toMatch(/FAILED|duplicate/)
  })

  it.each(testFiles.map((file) => [file.slice(TESTS_FOLDER.length + 1), file] as const))(
    'the rules do as %s says',
    async (_name, file) => {
      expect(await promtool('test', 'rules', file)).toContain('SUCCESS')
    },
    SLOW_MS,
  )
})
