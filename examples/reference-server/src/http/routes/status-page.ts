import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import '../access/route-access.ts'

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; }
input, button { font: inherit; padding: .3rem .6rem; } [hidden] { display: none; } #problem { color: #a00; }`

const SCRIPT = `
const $ = (id) => document.getElementById(id)
let token = ''
async function call(path, init = {}) {
  const headers = { ...(init.body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: 'Bearer ' + token } : {}) }
  const response = await fetch(path, { ...init, headers })
  const body = await response.json()
  if (!response.ok) throw new Error(body.message)
  return body
}
function row(cells) {
  const line = document.createElement('tr')
  for (const text of cells) line.appendChild(document.createElement('td')).textContent = text
  return line
}
async function refresh() {
  try {
    const stats = await call('/stats')
    $('stats').textContent = Object.entries(stats.tasks.by_status).map(([status, count]) => status + ' ' + count).join(' · ') || 'no tasks yet'
    const page = await call('/api/v1/tasks?kind=root&limit=200')
    $('tasks').replaceChildren(...page.tasks.map((task) => row([task.id, task.status, task.status_reason ?? '', task.updated_at])))
    $('problem').textContent = ''
  } catch (error) { $('problem').textContent = error.message }
}
$('login').addEventListener('submit', async (event) => {
  event.preventDefault()
  try {
    token = (await call('/api/v1/auth/login', { method: 'POST', body: JSON.stringify({ username: $('username').value, password: $('password').value }) })).token
    $('login').hidden = true
    $('board').hidden = false
    await refresh()
    setInterval(refresh, 10000)
  } catch (error) { $('problem').textContent = error.message }
})`

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Golden Architecture</title><style>${STYLE}</style></head>
<body>
<h1>Golden Architecture</h1>
<form id="login"><label>User <input id="username" autocomplete="username" required></label>
<label>Password <input id="password" type="password" autocomplete="current-password" required></label> <button>Sign in</button></form>
<p id="problem" role="alert"></p>
<section id="board" hidden><p id="stats"></p>
<table><thead><tr><th>Task</th><th>Status</th><th>Reason</th><th>Changed</th></tr></thead><tbody id="tasks"></tbody></table></section>
<script>${SCRIPT}</script>
</body></html>`

const POLICY = `default-src 'none'; connect-src 'self'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Adds `GET /status`: a plain page that shows the tasks to whoever signs in on it. It holds no data itself. */
export function addStatusPage(app: FastifyInstance): void {
  app.get('/status', { config: { public: true }, schema: { hide: true } }, (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  )
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
