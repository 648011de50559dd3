import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}

// The shape that GitHub reads; what is missing in it fails below.
const workflow = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}
const jobs = Object.entries(workflow.jobs)
const mayWrite = (scope: string): readonly string[] =>
  jobs.filter(([, { permissions }]) => permissions?.[scope] === 'write').map(([name]) => name)

describe('the release workflow', () => {
  it('gives no permission to a job that does not name it', () => {
    expect(workflow.permissions).toEqual({})
    for (const [name, { permissions }] of jobs) expect(permissions, name).toBeDefined()
  })

  it('lets one job alone ask for an identity, and one write tags, which runs nothing of the project either', () => {
    expect(mayWrite('id-token')).toEqual(['publish'])
    expect(mayWrite('contents')).toEqual(['propose', 'tag'])
    for (const name of ['publish', 'tag']) {
      const runs = workflow.jobs[name]?.steps.map(({ run = '' }) => run).join('\n')
      expect(runs).not.toMatch(/\bnpm (ci|install|run|exec)\b|\bnpx\b|\bnode\b/)
    }
    expect(workflow.jobs.publish?.environment).toBe('npm')
    expect(workflow.jobs.publish?.steps.map(({ uses }) => uses)).not.toContain('actions/checkout@v4')
  })

  it('publishes with provenance', () => {
    const runs = jobs.flatMap(([, { steps }]) => steps.map(({ run = '' }) => run)).join('\n')
    expect(runs.match(/npm publish/g)).toHaveLength(1)
    expect(runs).toMatch(/npm publish .*--provenance --access public/)
  })
})
