import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

/** Where `npm run docs:build` leaves the site. */
export const DIST = join(import.meta.dirname, '..', 'dist')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
}

/** The files of the built site with an ending, as `/guides/audit.html`. */
export function builtFiles(ending: string): readonly string[] {
  return readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `/${file.replaceAll('\\', '/')}`)
}

/** The text of a built file. */
export function builtText(file: string): string {
  return readFileSync(join(DIST, file), 'utf8')
}

/** Serves the built site on loopback, and nothing else. */
export async function serveSite(): Promise<{ readonly address: string; readonly stop: () => void }> {
  const known = new Set(builtFiles(''))
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname
    const file = [path, `${path}.html`, `${path}index.html`].find(
      (name) => known.has(name) && extname(name) !== '',
    )
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file ?? '')] ?? 'text/plain',
    })
    response.end(file === undefined ? 'not here' : readFileSync(join(DIST, file)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, stop: () => void server.close().closeAllConnections() }
}
