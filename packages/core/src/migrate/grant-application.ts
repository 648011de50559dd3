import type { SqlTransaction } from '../storage/index.ts'
import { createdRelation } from './created-relation.ts'
import type { MigrationSelection } from './migration-catalogue.ts'
import { MigrationError } from './migration-error.ts'
import type { MigrationLedger } from './migration-ledger.ts'
import { quotedName } from './quoted-name.ts'
import { scanSql } from './sql-scanner.ts'

/** Rights on the rows of a table, on a view and on a sequence, by the letter that PostgreSQL has for each. */
const RIGHTS: Readonly<Record<string, string>> = {
  r: 'SELECT, INSERT, UPDATE, DELETE ON TABLE',
  p: 'SELECT, INSERT, UPDATE, DELETE ON TABLE',
  v: 'SELECT ON TABLE',
  m: 'SELECT ON TABLE',
  S: 'USAGE ON SEQUENCE',
}

/**
 * Gives a role what an application needs of the modules: to read and to write the rows of the tables that their files made,
 * to read views and records, and to draw numbers. It may change the shape of nothing. A module with a function
 * `<module>_grant_application(text)` says itself what it gives. Rights that were given before stay.
 * @throws MigrationError `MIGRATION_ROLE_UNKNOWN`; StorageError by code, where the caller may not grant.
 */
export async function grantApplication(
  tx: SqlTransaction,
  role: string,
  { modules, migrations }: MigrationSelection,
  ledger: MigrationLedger,
): Promise<void> {
  await requireRole(tx, role)
  // What has the same name in another schema is not meant, and a function there would run with the owner's rights.
  await tx.query("SELECT set_config('search_path', $1, true)", [`${quotedName(ledger.schema)}, pg_temp`])
  // Needed where the modules made nothing of their own, too: the records are read there.
  await tx.query(`GRANT USAGE ON SCHEMA ${quotedName(ledger.schema)} TO ${quotedName(role)}`)
  await tx.query(`GRANT SELECT ON ${ledger.table} TO ${quotedName(role)}`)
  for (const module of modules) {
    if (await saysItself(tx, module)) {
      await tx.query(`SELECT ${quotedName(`${module}_grant_application`)}($1)`, [role])
      continue
    }
    const statements = migrations
      .filter((migration) => migration.module === module)
      .flatMap(({ sql }) => scanSql(sql).statements)
    for (const name of new Set(statements.flatMap((one) => createdRelation(one) ?? [])))
      await grantOn(tx, name, role)
  }
}

async function requireRole(tx: SqlTransaction, role: string): Promise<void> {
  const { rowCount } = await tx.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  if (rowCount === 1) return
  throw new MigrationError({
    code: 'MIGRATION_ROLE_UNKNOWN',
    message: `there is no role ${role} to grant rights to`,
    details: { role },
  })
}

async function saysItself(tx: SqlTransaction, module: string): Promise<boolean> {
  const signature = `${quotedName(`${module}_grant_application`)}(text)`
  const { rows } = await tx.query<{ found: boolean }>('SELECT to_regprocedure($1) IS NOT NULL AS found', [
    signature,
  ])
  return rows[0]?.found === true
}

/**
 * Grants on what has this name now, on the sequences of its `serial` columns, and on its schema; what was removed or got
 * another name since is passed over.
 */
async function grantOn(tx: SqlTransaction, name: string, role: string): Promise<void> {
  const { rows } = await tx.query<{ kind: string; schema: string; name: string }>(
    `SELECT c.relkind::text AS kind, quote_ident(n.nspname) AS schema, format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass($1)
         OR (c.relkind = 'S' AND c.oid IN (
              SELECT objid FROM pg_depend
               WHERE refobjid = to_regclass($1) AND deptype = 'a'
                 AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass))`,
    [name],
  )
  for (const found of rows) {
    const rights = RIGHTS[found.kind]
    if (rights === undefined) continue
    await tx.query(`GRANT USAGE ON SCHEMA ${found.schema} TO ${quotedName(role)}`)
    await tx.query(`GRANT ${rights} ${found.name} TO ${quotedName(role)}`)
  }
}
