import { z } from 'zod'

const operationSchema = z.looseObject({
  summary: z.string(),
  'x-permission': z.string().optional(),
  'x-home-tenant': z.boolean().optional(),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

/** The routes of a document of the API as a table in Markdown, by path. */
export function routeTable(document: unknown): string {
  const { paths } = documentSchema.parse(document)
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { summary, 'x-permission': permission = 'public', 'x-home-tenant': isForHome } = operation
      const who = isForHome === true ? `${permission}, home tenant` : permission
      return { path, text: `| \`${method.toUpperCase()} ${path}\` | ${who} | ${summary} |` }
    }),
  )
  const sorted = rows.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return [
    '| route | permission | what it does |',
    '| --- | --- | --- |',
    ...sorted.map(({ text }) => text),
  ].join('\n')
}
