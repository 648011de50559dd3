import pg from 'pg'

/** Makes an empty database of that name beside the one at the address, and says where it is. */
export async function ownDatabase(address: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  const url = new URL(address)
  url.pathname = `/${name}`
  return url.href
}
