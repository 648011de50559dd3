/** Ways to write the configuration, by the end of the file's name. */
export type ConfigurationFormat = 'ts' | 'js' | 'json'

/** The text of a configuration that names these migration modules. */
export function configurationFile(format: ConfigurationFormat, modules: readonly string[]): string {
  const config = modules.length === 0 ? {} : { migrations: { modules } }
  if (format === 'json') return `${JSON.stringify(config, null, 2)}\n`
  const list = modules.map((name) => `'${name}'`).join(', ')
  const body = modules.length === 0 ? '{}' : `{\n  migrations: { modules: [${list}] },\n}`
  const told = '// Servers are found by DATABASE_URL, REDIS_URL and NATS_URL.'
  return format === 'js'
    ? `${told}\nexport default ${body}\n`
    : `import type { GoldenArchConfig } from '@golden-arch/cli'\n\n${told}\nexport default ${body} satisfies GoldenArchConfig\n`
}
