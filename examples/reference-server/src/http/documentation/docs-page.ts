import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import '../access/route-access.ts'

/** Addresses are relative, so that the page works below whatever path a proxy gives the server. */
const SCRIPT = `SwaggerUIBundle({ url: 'openapi.json', domNode: document.getElementById('api'), deepLinking: true, validatorUrl: null })`
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Golden Architecture API</title>
<link rel="stylesheet" href="docs/swagger-ui.css"><link rel="icon" href="data:,"></head>
<body><div id="api"></div><script src="docs/swagger-ui-bundle.js"></script><script>${SCRIPT}</script></body>
</html>`

const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('base64')
const POLICY = `default-src 'none'; connect-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self' 'sha256-${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const FILES = [
  {
    path: '/docs/swagger-ui.css',
    file: fileURLToPath(import.meta.resolve('@fastify/swagger-ui/static/swagger-ui.css')),
    type: 'text/css; charset=utf-8',
  },
  {
    path: '/docs/swagger-ui-bundle.js',
    file: fileURLToPath(import.meta.resolve('@fastify/swagger-ui/static/swagger-ui-bundle.js')),
    type: 'text/javascript; charset=utf-8',
  },
] as const
const DAY_SECONDS = 24 * 60 * 60
const OPEN = { config: { public: true, isOpenedByBrowsers: true }, schema: { hide: true } } as const

/** Adds `GET /docs`: the document of the API to read and to try, in a browser. What a browser loads comes from here alone. */
export function addDocsPage(app: FastifyInstance): void {
  app.get('/docs', OPEN, (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  )
  for (const { path, file, type } of FILES) {
    app.get(path, OPEN, async (_request, reply) => {
      const content = await readFile(file)
      return reply.header('cache-control', `public, max-age=${DAY_SECONDS}`).type(type).send(content)
    })
  }
}
