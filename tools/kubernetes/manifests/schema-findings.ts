import { CUSTOM_RESOURCES } from './custom-resources.ts'
import { type Manifest, titleOf } from './manifest.ts'

interface SchemaFault {
  readonly instancePath: string
  readonly message?: string
  readonly keyword: string
  readonly params: object
}

interface Validate {
  (value: unknown): boolean
  readonly errors?: readonly SchemaFault[] | null
}

/** What the schema of Kubernetes says against an object: a wrong type, a missing field, a field that it does not know. */
export async function schemaFindings(manifest: Manifest): Promise<readonly string[]> {
  const title = titleOf(manifest)
  const custom = CUSTOM_RESOURCES.get(`${manifest.apiVersion} ${manifest.kind}`)
  if (custom !== undefined) {
    const issues = custom.safeParse(manifest).error?.issues ?? []
    return issues.flatMap((issue) => {
      const path = ['', ...issue.path.map(String)].join('/')
      return issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => `${title}: ${path}/${name} is no field`)
        : [`${title}: ${path} ${issue.message}`]
    })
  }
  const validate = await validatorOf(manifest)
  if (validate === undefined) return [`${title}: ${manifest.apiVersion} is not known`]
  const unread = new Map<string, () => readonly string[]>()
  const isValid = validate(watched(manifest, '', unread))
  const faults = isValid ? [] : (validate.errors ?? [])
  return [
    ...faults.map(
      ({ instancePath, message, keyword, params }) =>
        `${title}: ${instancePath} ${message ?? `${keyword} ${JSON.stringify(params)}`}`,
    ),
    ...[...unread.values()].flatMap((names) => names()).map((path) => `${title}: ${path} is no field`),
  ]
}

async function validatorOf({ apiVersion, kind }: Manifest): Promise<Validate | undefined> {
  // Schemas of versions that clusters have not served for years are there too.
  if (!/^([a-z0-9.]+\/)?v\d+$/.test(apiVersion)) return undefined
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  const name = `IoK8sApi${capitalised(group.split('.')[0] ?? '')}${capitalised(version)}${kind}`
  if (!/^\w+$/.test(name)) return undefined
  try {
    // What the package generates for each kind: a function that notes its errors on itself.
    const module = (await import(`kubernetes-models/_schemas/${name}`)) as { readonly validate: Validate }
    return module.validate
  } catch {
    return undefined
  }
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/**
 * A value that notes which of its fields are asked for. The generated functions look at each field that their schema knows
 * and at no other, save in maps of free names, of which they take all: what nobody asked for is no field.
 */
function watched(value: unknown, path: string, unread: Map<string, () => readonly string[]>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const read = new Set<PropertyKey>()
  const children = new Map<PropertyKey, unknown>()
  unread.set(path, () =>
    Array.isArray(value)
      ? []
      : Object.keys(value).flatMap((name) => (read.has(name) ? [] : `${path}/${name}`)),
  )
  return new Proxy(value, {
    get(target, name, receiver) {
      read.add(name)
      if (!Object.hasOwn(target, name)) return Reflect.get(target, name, receiver)
      if (!children.has(name))
        children.set(name, watched(Reflect.get(target, name), `${path}/${String(name)}`, unread))
      return children.get(name)
    },
  })
}
