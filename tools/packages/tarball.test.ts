import { describe, expect, it } from 'vitest'
import { publishedPackages } from './published-packages.ts'
import { tarballProblems } from './tarball.ts'

describe('a tarball', () => {
  const published = publishedPackages().find(({ name }) => name === '@golden-arch/budget')
  if (published === undefined) throw new Error('there is no package of budgets')
  const exported = Object.values(published.manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : [target.types ?? '', target.default ?? ''],
  )
  const paths = ['LICENSE', 'README.md', ...exported.map((path) => path.replace('./', ''))]
  const problemsOf = (held: readonly string[], manifest = published.manifest): readonly string[] =>
    tarballProblems({ published: { ...published, manifest }, file: '', sizeBytes: 0, paths: held })

  it('is well with its licence, its page, and code and declarations of each subpath', () => {
    expect(problemsOf(paths)).toEqual([])
  })

  it.each(paths)('is not without %s', (missing) => {
    expect(problemsOf(paths.filter((path) => path !== missing))).toHaveLength(1)
  })

  it('is not with tests or secrets in it', () => {
    expect(problemsOf([...paths, 'src/budget-error.test.ts', '.env.local', '.npmrc'])).toHaveLength(3)
  })

  it('is not where its manifest lets bundlers keep what nobody uses, or needs a peer', () => {
    const manifest = { ...published.manifest, sideEffects: true, peerDependencies: { pg: '^8' } }
    expect(problemsOf(paths, manifest)).toEqual([
      '@golden-arch/budget: sideEffects is not false',
      '@golden-arch/budget: the peer pg is not optional',
    ])
  })
})
