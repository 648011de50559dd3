import { METRICS } from '@golden-arch/core/observability'

/**
 * The table of the metrics whose names begin with one of `prefixes`.
 * @throws Error where a prefix begins no name.
 */
export function metricsTable(prefixes: readonly string[]): string {
  const all = Object.values(METRICS).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const prefix of prefixes) {
    if (!all.some(({ name }) => name.startsWith(prefix))) throw new Error(`no metric begins with ${prefix}`)
  }
  const rows = all
    .filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)))
    .map(({ name, kind, labelNames, help }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${kind} | ${labels} | ${help} |`
    })
  return ['| metric | kind | labels | what it tells |', '|---|---|---|---|', ...rows].join('\n')
}
